/**
 * The adapters that there are, in one list: a command knows them by their names here, and so do tests of all of them.
 */
import type { Adapter } from "./Adapter.ts"
import { chat } from "./chat/form.ts"
import { compact } from "./compact/form.ts"
import { json } from "./json/form.ts"
import { plain } from "./plain/form.ts"
import { xml } from "./xml/form.ts"

/**
 * The adapters of this package by name, as `--adapter` takes it.
 *
 * @example
 * for (const [name, adapter] of Object.entries(Adapters.builtIn)) {
 *   console.log(name, adapter.format({ signature: qa.signature, inputs: { question: "Why?" }, demos: [], config: {} }))
 * }
 */
export const builtIn = { chat, json, xml, plain, compact } as const satisfies Readonly<Record<string, Adapter>>
