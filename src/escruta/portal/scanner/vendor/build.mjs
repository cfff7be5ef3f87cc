// Makes jsqr.js and jsqr.json from the package that package-lock.json names:  npm ci && node build.mjs
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const versions = Object.fromEntries(
  ["jsqr", "esbuild"].map((name) => [name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version]),
);

await build({
  entryPoints: ["jsqr-entry.js"],
  outfile: "jsqr.js",
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "jsqr",
  target: "es2020",
  charset: "ascii",
  legalComments: "none", // LICENSE stands beside it
  banner: { js: `/*! jsqr ${versions.jsqr}: Apache-2.0, Copyright its authors (github.com/cozmo/jsQR) */` },
});

const bytes = readFileSync("jsqr.js");
const sha256 = createHash("sha256").update(bytes).digest("hex");
writeFileSync("jsqr.json", `${JSON.stringify({ sha256, bytes: bytes.length, versions }, null, 2)}\n`);
writeFileSync("LICENSE", readFileSync("node_modules/jsqr/LICENSE", "utf8"));
