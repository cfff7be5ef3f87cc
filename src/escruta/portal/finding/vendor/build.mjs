// Makes minisearch.js and minisearch.json from the package that package-lock.json names:  npm ci && node build.mjs
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const versions = Object.fromEntries(
  ["minisearch", "esbuild"].map((name) => [name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version]),
);

await build({
  entryPoints: ["minisearch-entry.js"],
  outfile: "minisearch.js",
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "minisearch",
  target: "es2020",
  charset: "ascii",
  legalComments: "none", // LICENSE stands beside it
  banner: { js: `/*! minisearch ${versions.minisearch}: MIT, Copyright Luca Ongaro */` },
});

const bytes = readFileSync("minisearch.js");
const sha256 = createHash("sha256").update(bytes).digest("hex");
writeFileSync("minisearch.json", `${JSON.stringify({ sha256, bytes: bytes.length, versions }, null, 2)}\n`);
writeFileSync("LICENSE", readFileSync("node_modules/minisearch/LICENSE.txt", "utf8"));
