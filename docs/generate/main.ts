/**
 * Writes what is made of the source and the pages: `docs/api/`, `llms.txt` and `llms-full.txt`. `npm run docs` runs it; another
 * folder to write into may be named.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Llms from "./llms.ts"
import { roomsOf } from "./publicModules.ts"
import * as Reference from "./reference.ts"

const root = join(import.meta.dirname, "../..")
const out = process.argv[2] ?? root

const rooms = roomsOf(root)
const pages = [...Reference.pages(root, rooms), ...Llms.pages(root, rooms)]

rmSync(join(out, dirname(Reference.index)), { recursive: true, force: true })
for (const { path, text } of pages) {
  mkdirSync(dirname(join(out, path)), { recursive: true })
  writeFileSync(join(out, path), text)
}
process.stdout.write(`${pages.length} pages\n`)
