/** Installs what the contenders need, once, and beside the project: `node_modules` and `.venv` here. */
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Contender } from "./contenders.ts"

const here = import.meta.dirname
const venv = join(here, ".venv")
export const python = join(venv, process.platform === "win32" ? "Scripts/python.exe" : "bin/python")

const run = (command: string, args: ReadonlyArray<string>): void => {
  execFileSync(command, args, { cwd: here, stdio: ["ignore", "ignore", "pipe"], timeout: 300_000 })
}

/** The folder that an installation makes, of what, and how. */
const installations = {
  npm: {
    folder: join(here, "node_modules"),
    manifest: "package-lock.json",
    what: "the packages of the peers",
    install: () => run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
  },
  python: {
    folder: venv,
    manifest: "requirements.txt",
    what: "DSPy and a Python environment for it",
    install: () => {
      run("python3", ["-m", "venv", "--clear", venv])
      run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"])
    }
  }
} as const

/** Installs what is missing or is of other versions. Gives those who can run, and a note for each kind that could not be had. */
export const install = (
  wanted: ReadonlyArray<Contender>,
  tell: (line: string) => void
): { readonly able: ReadonlyArray<Contender>; readonly notes: ReadonlyArray<string> } => {
  const notes: Array<string> = []
  const missing = new Set<string>()
  for (const kind of ["npm", "python"] as const) {
    const names = wanted.filter(({ needs }) => needs === kind).map(({ name }) => name)
    if (names.length === 0) continue
    const { folder, install, manifest, what } = installations[kind]
    const [asked, done] = [join(here, manifest), join(folder, `installed-${manifest}`)]
    if (existsSync(done) && readFileSync(done, "utf8") === readFileSync(asked, "utf8")) continue
    tell(`Installing ${what}`)
    try {
      install()
      // It comes last: a folder without it is half an installation.
      copyFileSync(asked, done)
    } catch (error) {
      missing.add(kind)
      notes.push(`Without ${names.join(", ")}: could not install ${what} (${reasonOf(error)}).`)
    }
  }
  return { able: wanted.filter(({ needs = "" }) => !missing.has(needs)), notes }
}

const reasonOf = (error: unknown): string => {
  const { message, stderr } = error as { readonly message: string; readonly stderr?: Buffer }
  const said = stderr?.toString().trim().split("\n").at(-1)
  return said ? said : message.split("\n")[0]!
}
