// Build the files of the page, in algomancy_api/console, and check that they are small.
// Usage: node scripts/build.mjs [FOLDER]
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes, gzipped: the size of all files that must not be reached. */
const LIMIT = 200_000;

const folder = process.argv[2] ?? "../../algomancy_api/console";

/** The packages whose code the page has. */
const PACKAGES = ["eventsource-parser", "openapi-fetch", "preact", "uplot"];

execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--project", "."], { stdio: "inherit" });

mkdirSync(folder, { recursive: true });
const { metafile } = await build({
  entryPoints: { console: "src/main.tsx", style: "src/console.css" },
  outdir: folder,
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: { "algomancy-client": "../typescript/src/index.ts" },
  nodePaths: ["node_modules"], // for the client, which has its own elsewhere
  legalComments: "none", // LICENSES.txt has them
  metafile: true,
});
for (const file of ["index.html", "icon.svg"]) copyFileSync(`src/${file}`, `${folder}/${file}`);
const licences = PACKAGES.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf-8").trim()}\n`);
writeFileSync(`${folder}/LICENSES.txt`, licences.join("\n\n"));

const size = Object.keys(metafile.outputs).reduce(
  (sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length,
  0,
);
console.log(`${size} bytes, gzipped`);
if (size >= LIMIT) {
  console.error(`The page has ${size} bytes, and must have less than ${LIMIT}`);
  process.exit(1);
}
