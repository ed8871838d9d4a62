/** A journey in Node.js. Usage: node node.js JOURNEY URL NAME, with the token in API_TOKEN. */

import { go } from "./journeys.js";

const [journey, url, name] = process.argv.slice(2);
await go(journey!, url!, process.env.API_TOKEN!, name!, (line) => console.log(line));
