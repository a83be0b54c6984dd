/**
 * Which modules of the package can be imported, and by which names: what `exports` in `package.json` says, and the barrels that
 * it names.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { reader, type Source } from "./source.ts"

/** A room: the modules of one folder that can be imported. */
export interface Room {
  /** `lm`. */
  readonly name: string
  /** What its barrel says of it. */
  readonly doc: string
  readonly modules: ReadonlyArray<PublicModule>
}

export interface PublicModule {
  /** How it is imported by itself: `effect-lm/policy/Fallback`. */
  readonly specifier: string
  readonly room: string
  /** `Fallback`. */
  readonly name: string
  readonly source: Source
  /** How barrels export it, or what is in it: the names by the entry, `effect-lm` or `effect-lm/testing`. */
  readonly imports: ReadonlyMap<string, ReadonlyArray<Imported>>
  /** The modules of which it passes on everything. */
  readonly all: ReadonlyArray<PublicModule>
}

/** A name that an entry exports: the whole module, or something in it. */
export interface Imported {
  readonly name: string
  readonly original: string
  readonly isType: boolean
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, null | string | Readonly<Record<string, string>>>>
}

/** The rooms of the package at `root`, in the order of its `exports`. */
export const roomsOf = (root: string): ReadonlyArray<Room> => {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const { barrels, modules: paths } = entriesOf(root, manifest)
  const byPath = new Map([...paths].map(([specifier, path]) => [path, specifier]))
  const read = reader((path) => byPath.has(path))
  const names = namesOf([...barrels].map(([entry, path]) => [entry, read(path)] as const), read)

  const made = new Map<string, PublicModule>()
  const moduleOf = (specifier: string, path: string): PublicModule => {
    const found = made.get(specifier)
    if (found !== undefined) return found
    const [room = "", ...rest] = specifier.slice(manifest.name.length + 1).split("/")
    const source = read(path)
    const module: PublicModule = {
      specifier,
      room,
      name: rest.join("/"),
      source,
      imports: names.get(path) ?? new Map(),
      all: source.all.map((other) => moduleOf(byPath.get(other) ?? privateOf(path, other), other))
    }
    made.set(specifier, module)
    return module
  }
  const modules = [...paths].map(([specifier, path]) => moduleOf(specifier, path))
  return [
    ...new Set([...barrels.keys()].map((entry) => entry.split("/")[1] ?? "").concat(modules.map(({ room }) => room)))
  ]
    .filter((room) => room !== "")
    .map((room) => {
      const path = barrels.get(`${manifest.name}/${room}`)
      const barrel = path === undefined ? undefined : read(path)
      const own = barrel === undefined ? [] : ownModule(`${manifest.name}/${room}`, room, barrel, byPath)
      return {
        name: room,
        doc: barrel?.doc ?? "",
        modules: [...own, ...modules.filter((module) => module.room === room)]
      }
    })
}

const privateOf = (path: string, other: string): never => {
  throw new Error(`${path} exports everything of ${other}, which cannot be imported: export it by name`)
}

/** What a barrel alone exports, of files that cannot be imported, as a module. */
const ownModule = (
  specifier: string,
  room: string,
  barrel: Source,
  byPath: ReadonlyMap<string, string>
): ReadonlyArray<PublicModule> => {
  const exports = barrel.exports.filter(({ from }) => !byPath.has(from))
  if (exports.length === 0) return []
  const imported = exports.map(({ isType, name }) => ({ name, original: name, isType }))
  return [{
    specifier,
    room,
    name: "index",
    source: { ...barrel, exports },
    imports: new Map([[specifier, imported]]),
    all: []
  }]
}

/** The files of the entries, and of all other modules, by how they are imported. */
const entriesOf = (root: string, manifest: Manifest) => {
  const barrels = new Map<string, string>()
  const modules = new Map<string, string>()
  const closed = Object.keys(manifest.exports).filter((key) => manifest.exports[key] === null)
  const isClosed = (key: string) =>
    closed.some((pattern) => pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern)
  for (const [key, target] of Object.entries(manifest.exports)) {
    const file = target === null || typeof target === "string" ? undefined : target["effect-lm-source"]
    if (file === undefined) continue
    if (!key.includes("*")) {
      barrels.set(`${manifest.name}${key.slice(1)}`, join(root, file))
      continue
    }
    const [before = "", after = ""] = file.slice("./".length).split("*")
    for (const found of globSync(`${before}**/*${after}`, { cwd: root }).toSorted()) {
      const path = found.replaceAll("\\", "/")
      const name = key.replace("*", path.slice(before.length, -after.length))
      if (!isClosed(name)) modules.set(`${manifest.name}${name.slice(1)}`, join(root, path))
    }
  }
  return { barrels, modules }
}

/** How the entries export each file. What the root exports is not repeated for the rooms' own entries. */
const namesOf = (
  entries: ReadonlyArray<readonly [entry: string, barrel: Source]>,
  read: (path: string) => Source
) => {
  const names = new Map<string, Map<string, ReadonlyArray<Imported>>>()
  const add = (entry: string, barrel: Source): void => {
    const found = [
      ...[...barrel.namespaces].map(([name, path]) => ({ path, name, original: "*", isType: false })),
      ...barrel.exports.map(({ from, isType, name, original }) => ({ path: from, name, original, isType }))
    ]
    for (const { path, ...imported } of found) {
      const known = names.get(path) ?? new Map<string, ReadonlyArray<Imported>>()
      names.set(path, known)
      const [first = entry] = known.keys()
      if (first === entry) known.set(entry, [...(known.get(entry) ?? []), imported])
    }
    for (const other of barrel.all) add(entry, read(other))
  }
  for (const [entry, barrel] of entries) add(entry, barrel)
  return names
}
