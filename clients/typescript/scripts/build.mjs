// Build dist, and check that it is small: bundled with all that it needs, minified and gzipped.
// Usage: node scripts/build.mjs
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes: the size that must not be reached. */
const LIMIT = 15_000;

rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript-newest/bin/tsc", "--project", "."], { stdio: "inherit" });

const { outputFiles } = await build({
  entryPoints: ["dist/index.js"],
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  write: false,
});
const size = gzipSync(outputFiles[0].contents, { level: 9 }).length;
console.log(`${size} bytes, bundled and gzipped`);
if (size >= LIMIT) {
  console.error(`The bundle has ${size} bytes, and must have less than ${LIMIT}`);
  process.exit(1);
}
