/**
 * A source file as its reader needs it: what it exports, each with its section, its docstring and its declaration without the
 * code. What it passes on of other files is read there.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseSync } from "rolldown/utils"

// Models

/** A source file. */
export interface Source {
  readonly path: string
  /** What is said of the whole file; empty if nothing is. */
  readonly doc: string
  /** What it exports, in its order. */
  readonly exports: ReadonlyArray<Export>
  /** The files of which it passes on everything (`export * from`). */
  readonly all: ReadonlyArray<string>
  /** The files that it passes on as a namespace (`export * as Name from`), by name. */
  readonly namespaces: ReadonlyMap<string, string>
}

/** A name that a file exports. A value and a type of one name are one export. */
export interface Export {
  readonly name: string
  /** The file where it is declared, and its name there. */
  readonly from: string
  readonly original: string
  readonly isType: boolean
  /** The banner above it: `Constructors`; empty where there is none. */
  readonly section: string
  /** Without the comment's marks; empty if it has no docstring. */
  readonly doc: string
  readonly code: string
}

type Parsed = ReturnType<typeof parseSync>
type Statement = Parsed["program"]["body"][number]
type ExportNamed = Extract<Statement, { readonly type: "ExportNamedDeclaration" }>
type Declaration = NonNullable<ExportNamed["declaration"]>

interface File {
  readonly path: string
  readonly text: string
  readonly parsed: Parsed
}

/** Where a name of a file comes from: another file, and its name there; `*` is all of that file. */
interface Import {
  readonly path: string
  readonly name: string
}

// Constructors

/** Reads source files, each once. Fails of what a file passes on and nobody declares. */
export const reader = (isPublic: (path: string) => boolean): (path: string) => Source => {
  const files = new Map<string, File>()
  const fileOf = (path: string): File => {
    const found = files.get(path)
    if (found !== undefined) return found
    const text = readFileSync(path, "utf8")
    const file = { path, text, parsed: parseSync(path, text) }
    files.set(path, file)
    return file
  }

  /** An export of a file, wherever it is declared. */
  const find = (path: string, name: string): Omit<Export, "section"> => {
    const file = fileOf(path)
    const declared = file.parsed.program.body.flatMap((statement) => {
      const declaration = declarationOf(statement)
      return declaration !== undefined && nameOf(declaration) === name ? [{ statement, declaration }] : []
    })
    if (declared.length === 0) {
      const other = passedOn(file).get(name) ?? importsOf(file).get(name)
      if (other === undefined) throw new Error(`${path} declares no ${name}`)
      return { ...find(other.path, other.name), name }
    }
    return {
      name,
      from: path,
      original: name,
      isType: declared.every(({ declaration }) => declaration.type.startsWith("TS")),
      doc: declared.map(({ statement }) => docBefore(file, statement.start)).find((doc) => doc !== "") ?? "",
      code: [
        ...declared.map(({ declaration }) => codeOf(file, declaration)),
        ...declared.flatMap(({ declaration }) => hiddenBases(file, declaration))
          .map(([base, { name: original, path: at }]) => `// ${base}\n${find(at, original).code}`)
      ].join("\n\n")
    }
  }

  /** What an interface extends and cannot be imported: its members are a reader's too. */
  const hiddenBases = (file: File, declaration: Declaration): ReadonlyArray<readonly [base: string, Import]> =>
    declaration.type !== "TSInterfaceDeclaration" ? [] : declaration.extends.flatMap(({ expression }) => {
      const base = textOf(file, expression)
      const [first = "", member] = base.split(".")
      const found = importsOf(file).get(first)
      return found === undefined || isPublic(found.path)
        ? []
        : [[base, { path: found.path, name: member ?? found.name }] as const]
    })

  const exportsOf = (file: File): ReadonlyArray<Export> => {
    const names = new Map<string, Export>()
    for (const statement of file.parsed.program.body) {
      if (statement.type !== "ExportNamedDeclaration") continue
      const section = sectionBefore(file, statement.start)
      const declaration = declarationOf(statement)
      for (const name of declaration === undefined ? specifiersOf(statement).keys() : [nameOf(declaration)]) {
        if (names.has(name)) continue
        const found = find(file.path, name)
        names.set(name, renamed({ ...found, name, section, isType: found.isType || isTypeOnly(statement, name) }))
      }
    }
    return [...names.values()]
  }

  return (path) => {
    const file = fileOf(path)
    const all = file.parsed.program.body.flatMap((statement) =>
      statement.type === "ExportAllDeclaration"
        ? [[statement.exported === null ? undefined : textOf(file, statement.exported), from(path, statement)] as const]
        : []
    )
    return {
      path,
      doc: docOfFile(file),
      exports: exportsOf(file),
      all: all.flatMap(([name, other]) => name === undefined ? [other] : []),
      namespaces: new Map(all.flatMap(([name, other]) => name === undefined ? [] : [[name, other] as const]))
    }
  }
}

// Names

const declarationOf = (statement: Statement): Declaration | undefined =>
  statement.type === "ExportNamedDeclaration" ? statement.declaration ?? undefined : asDeclaration(statement)

/** A file may declare first and export below. */
const asDeclaration = (statement: Statement): Declaration | undefined =>
  statement.type === "VariableDeclaration" || statement.type === "TSInterfaceDeclaration" ||
    statement.type === "TSTypeAliasDeclaration" || statement.type === "ClassDeclaration"
    ? statement
    : undefined

const nameOf = (declaration: Declaration): string => {
  const id = declaration.type === "VariableDeclaration"
    ? declaration.declarations[0]?.id
    : "id" in declaration
    ? declaration.id
    : null
  return id?.type === "Identifier" ? id.name : ""
}

const textOf = (file: File, { end, start }: { readonly start: number; readonly end: number }): string =>
  file.text.slice(start, end)

const from = (path: string, { source }: { readonly source: { readonly value: string } }): string =>
  join(path, "..", source.value)

/** What `export { original as name }` exports: the original names, by name. */
const specifiersOf = (statement: ExportNamed): ReadonlyMap<string, string> =>
  new Map(
    statement.specifiers.flatMap(({ exported, local }) =>
      exported.type === "Identifier" && local.type === "Identifier" ? [[exported.name, local.name]] : []
    )
  )

/** What is a value elsewhere may be passed on as a type alone. */
const isTypeOnly = ({ exportKind, specifiers }: ExportNamed, name: string): boolean =>
  specifiers.some((it) =>
    it.exported.type === "Identifier" && it.exported.name === name &&
    (exportKind === "type" || it.exportKind === "type")
  )

const passedOn = (file: File): ReadonlyMap<string, Import> =>
  new Map(file.parsed.program.body.flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration") return []
    const { source } = statement
    return [...specifiersOf(statement)].flatMap(([name, original]): Array<[string, Import]> => {
      if (source !== null) return [[name, { path: from(file.path, { source }), name: original }]]
      return name === original ? [] : [[name, { path: file.path, name: original }]]
    })
  }))

/** What a file imports of its own package. */
const importsOf = (file: File): ReadonlyMap<string, Import> =>
  new Map(file.parsed.program.body.flatMap((statement) => {
    if (statement.type !== "ImportDeclaration" || !statement.source.value.startsWith(".")) return []
    return statement.specifiers.map((specifier): [string, Import] => [specifier.local.name, {
      path: from(file.path, statement),
      name: specifier.type === "ImportSpecifier" ? textOf(file, specifier.imported) : "*"
    }])
  }))

/** Declared under the name that it is exported by. */
const renamed = (it: Export): Export => ({
  ...it,
  code: it.code.replace(new RegExp(`^(const|interface|type|class) ${it.original}\\b`, "gm"), `$1 ${it.name}`)
})

// Comments

const docOfFile = (file: File): string => {
  const [first] = file.parsed.comments
  const start = file.parsed.program.body[0]?.start ?? 0
  return first?.type === "Block" && first.end <= start ? unmarked(first.value) : ""
}

/** The docstring that ends where a declaration begins, but for notes to tools. */
const docBefore = (file: File, start: number): string => {
  const found = file.parsed.comments.findLast(({ end, type, value }) =>
    type === "Block" && value.startsWith("*") && end <= start &&
    /^(?:\s|\/\/ oxlint-.*\n)*$/.test(file.text.slice(end, start))
  )
  return found === undefined || found === file.parsed.comments[0] && found.start === 0 ? "" : unmarked(found.value)
}

/** The last banner above: a line comment of a word or some, with nothing around it. */
const sectionBefore = (file: File, start: number): string =>
  file.parsed.comments.findLast(({ end, start: at, type, value }) =>
    type === "Line" && end <= start && /^ [A-Z][^.:]*$/.test(value) &&
    file.text.slice(at - 2, at) === "\n\n" && file.text.slice(end, end + 2) === "\n\n"
  )?.value.trim() ?? ""

const unmarked = (comment: string): string =>
  comment.replace(/^\*/, "").split("\n").map((line) => line.replace(/^\s*\* ?/, "")).join("\n").trim()

// Code

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

const isNode = (u: unknown): u is Node => typeof u === "object" && u !== null && "type" in u && "start" in u

/** A declaration as it is written, without the bodies of functions, the values whose type is said, and notes to its author. */
const codeOf = (file: File, declaration: Declaration): string => {
  let code = ""
  let at = declaration.start
  for (const { end, start, put } of cuts(file, declaration)) {
    code += file.text.slice(at, start).trimEnd() + put
    at = end
  }
  code += file.text.slice(at, declaration.end)
  return code
    .replaceAll(/^ *\/\/ .*\n/gm, "")
    .replaceAll(/\{@link (?:\w+\.)*?([\w.]+)\}/g, "`$1`")
    .trim()
}

interface Cut {
  readonly start: number
  readonly end: number
  readonly put: string
}

const cuts = (file: File, node: Node): ReadonlyArray<Cut> => {
  const { body, id, returnType, typeAnnotation, value, init } = Object.fromEntries(Object.entries(node))
  const type = isNode(id) && "typeAnnotation" in id ? id.typeAnnotation : typeAnnotation
  const given = isNode(init) ? init : value
  if (isNode(type) && isNode(given) && !isPlain(file, given)) return [{ start: type.end, end: given.end, put: "" }]
  if (/Function/.test(node.type) && isNode(body)) {
    const inside = Object.values(node).flat().filter((child) => isNode(child) && child !== body)
      .flatMap((child) => cuts(file, child))
    if (node.type !== "ArrowFunctionExpression") return [...inside, { start: body.start, end: body.end, put: "" }]
    if (isNode(returnType)) return [...inside, { start: returnType.end, end: body.end, put: "" }]
    if (body.type === "ArrowFunctionExpression") return [...inside, ...cuts(file, body)]
    return isShort(file, body) ? inside : [...inside, { start: body.start, end: body.end, put: " ..." }]
  }
  return Object.values(node).flat().filter(isNode).flatMap((child) => cuts(file, child))
    .toSorted((a, b) => a.start - b.start)
}

/** What a function without a declared type gives is told by its code, where that is short: a default, for instance. */
const isShort = (file: File, body: Node): boolean => /^.{1,50}$/.test(textOf(file, body))

/** A value that says more than its type: a number, a text, a list or a record of such. */
const isPlain = (file: File, node: Node): boolean =>
  /^(?:Literal|ArrayExpression|ObjectExpression)$/.test(node.type) && node.end - node.start < 500 &&
  !/=>|\bnew\b/.test(textOf(file, node))
