// Makes noble.js and noble.json from the packages that package-lock.json names:  npm ci && node build.mjs
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const packages = ["@noble/curves", "@noble/hashes", "@noble/post-quantum"];
const versions = Object.fromEntries(
  [...packages, "esbuild"].map((name) => [name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version]),
);

await build({
  entryPoints: ["noble-entry.js"],
  outfile: "noble.js",
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "noble",
  target: "es2020",
  charset: "ascii",
  legalComments: "none", // LICENSE stands beside it
  banner: { js: `/*! ${packages.map((name) => `${name} ${versions[name]}`).join(", ")}: MIT, Copyright Paul Miller (paulmillr.com) */` },
});

const bytes = readFileSync("noble.js");
const sha256 = createHash("sha256").update(bytes).digest("hex");
writeFileSync("noble.json", `${JSON.stringify({ sha256, bytes: bytes.length, versions }, null, 2)}\n`);
const licences = packages.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`);
writeFileSync("LICENSE", licences.join("\n"));
