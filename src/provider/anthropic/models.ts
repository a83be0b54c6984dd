/**
 * What Claude models take, as far as it is known on 2026-11-27: newer ones refuse settings that older ones need. What is not known
 * of a model is taken to be as the newest are.
 */

/** What one model takes. */
export interface Model {
  /** `temperature`, `top_p`, `top_k`. */
  readonly sampling: boolean
  /** How it is told how much to think: by a word (`adaptive`), by a number of tokens (`budget`), or not at all. */
  readonly thinking: "adaptive" | "budget" | undefined
  /** Whether it can be told not to think. */
  readonly disable: boolean
  /** Whether it can be made to call a tool. */
  readonly forcedTool: boolean
  /** Whether the reply can be held to a JSON schema. */
  readonly jsonSchema: boolean
  /** The most tokens that one answer may have. */
  readonly maxTokens: number
}

/** What a model of this name takes, on Anthropic's own API, on a cloud, or behind a gateway: `anthropic/claude-sonnet-4.5`. */
export const of = (name: string): Model => {
  const plain = name.toLowerCase().replaceAll(".", "-")
  return rows.find(([pattern]) => pattern.test(plain))?.[1] ?? newest
}

const newest: Model = {
  sampling: false,
  thinking: "adaptive",
  disable: false,
  forcedTool: false,
  jsonSchema: true,
  maxTokens: 128_000
}

const thinksByDefault: Model = { ...newest, disable: true, forcedTool: true }

const adjustable: Model = { ...thinksByDefault, sampling: true }

const four5: Model = { ...adjustable, thinking: "budget", maxTokens: 64_000 }

const four: Model = { ...four5, jsonSchema: false }

const three: Model = { ...four, thinking: undefined, maxTokens: 8192 }

/** The first row that fits counts. */
const rows: ReadonlyArray<readonly [name: RegExp, model: Model]> = [
  [/claude-(?:3-opus|3-sonnet|3-haiku|2|instant)/, { ...three, maxTokens: 4096 }],
  [/claude-3-7/, { ...four, maxTokens: 64_000 }],
  [/claude-3/, three],
  [/(?:opus|sonnet|haiku)-4-5/, four5],
  [/opus-4-1|opus-4(?:$|-0|-2025|@)/, { ...four, maxTokens: 32_000 }],
  [/sonnet-4(?:$|-0|-2025|@)/, four],
  [/(?:opus|sonnet)-4-6/, adjustable],
  [/opus-4-[78]/, thinksByDefault],
  [/sonnet-5(?:$|-2026|@)|opus-5(?:$|-2026|@)|haiku-5-5/, thinksByDefault],
  [/fable-5(?:$|-2026|@)/, { ...newest, forcedTool: true }]
]
