// The end of a build: the files that the gateway sends compressed, and what the whole was made from (build/record.mjs).
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { record } from "./record.mjs";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const COMPRESSED = /\.(html|js|css|svg)$/;

for (const name of readdirSync(dist, { recursive: true })) {
  if (COMPRESSED.test(name)) writeFileSync(join(dist, `${name}.gz`), sameEverywhere(gzipSync(readFileSync(join(dist, name)), { level: 9 })));
}
writeFileSync(join(root, "dist.sha256"), record(root));

/** A gzip file names the system that it was made on in its tenth byte; ours is nobody's. */
function sameEverywhere(packed) {
  packed[9] = 255;
  return packed;
}
