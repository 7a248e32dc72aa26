// The record: a hash of every source and of every built file, by which a test without Node can tell that the built files
// are those of these sources (tests/unit/web/test_build.py reads it in the same way).
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["build", "index.html", "package.json", "package-lock.json", "src", "tsconfig.json", "vite.config.ts"];

export function record(root) {
  const lines = [...SOURCES, "dist"].flatMap((name) => filesOf(root, name)).sort();
  return lines.map((name) => `${createHash("sha256").update(readFileSync(join(root, name))).digest("hex")}  ${name}\n`).join("");
}

function filesOf(root, name) {
  const path = join(root, name);
  if (statSync(path).isFile()) return [name];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
