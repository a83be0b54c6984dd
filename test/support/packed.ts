/**
 * The package as `npm pack` makes it, of a copy: what is in `dist` here stays as it is.
 */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { promisify } from "node:util"

const root = join(import.meta.dirname, "../..")

/** The manifest of the package. */
export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** A program's output; it fails of what the program said. It is run as others run it: our Node, and no option of ours. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  seconds = 170
): Promise<string> => {
  const { NODE_OPTIONS: _, PATH, ...others } = process.env
  const env = { ...others, PATH: [dirname(process.execPath), PATH].join(delimiter) }
  return promisify(execFile)(command, args, { cwd, env, timeout: seconds * 1000, maxBuffer: 1 << 26 }).then(
    ({ stdout }) => stdout.trim(),
    ({ message, stderr, stdout }) => Promise.reject(new Error([message, stdout, stderr].join("\n")))
  )
}

/** A folder that is removed after its use. */
export const folder = (): { readonly path: string } & AsyncDisposable => {
  const path = mkdtempSync(join(tmpdir(), "effect-lm-package-"))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Packs the package into a folder; the path of the tarball. */
export const pack = (directory: string): Promise<string> => {
  const copy = join(directory, "source")
  for (const name of [...shown, "package.json", "rolldown.config.ts", "src", "tsconfig.build.json", "tsconfig.json"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"))
  return run("npm", ["pack", "--json", `--pack-destination=${directory}`], copy).then(() =>
    join(directory, `${manifest.name}-${manifest.version}.tgz`)
  )
}

const shown = ["CHANGELOG.md", "LICENSE", "README.md", "docs", "examples"]
