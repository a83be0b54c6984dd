/**
 * What the adapters' decoders alone cost, without provider and streams: tokens of 4 characters, one push each, the best of
 * several rounds. `node --conditions=effect-lm-source test/bench/decoders.ts`
 */
import type { Adapter } from "effect-lm/adapter/Adapter"
import * as ChatAdapter from "effect-lm/adapter/ChatAdapter"
import * as JSONAdapter from "effect-lm/adapter/JSONAdapter"
import * as XMLAdapter from "effect-lm/adapter/XMLAdapter"
import * as Signature from "effect-lm/signature/Signature"
import { print, round } from "./measure.ts"

const texts = Signature.make("question -> reasoning, answer")
const list = Signature.make("question -> items: list[str]")
const dict = Signature.make("question -> items: dict[str, str]")
const nested = Signature.make("question -> people: dict[str, list[dict[str, str]]]")

const peopleOf = (characters: number) => ({
  people: Object.fromEntries(
    Array.from({ length: Math.ceil(characters / 400) }, (_, at) => [
      `team ${at}`,
      Array.from({ length: 4 }, (_, of) => ({ name: `Person ${at} ${of}`, note: words(60) }))
    ])
  )
})

const words = (characters: number): string => {
  let text = ""
  for (let i = 0; text.length < characters; i++) text += i % 12 === 11 ? ".\n" : `word${(i * 7919) % 997} `
  return text.slice(0, characters).trim()
}

const forms: Readonly<Record<string, readonly [Adapter, (fields: Readonly<Record<string, unknown>>) => string]>> = {
  Chat: [
    ChatAdapter.make(),
    (fields) =>
      `${
        Object.entries(fields).map(([name, value]) =>
          `[[ ## ${name} ## ]]\n${typeof value === "string" ? value : JSON.stringify(value)}\n\n`
        ).join("")
      }[[ ## completed ## ]]`
  ],
  JSON: [JSONAdapter.make(), (fields) => JSON.stringify(fields)],
  XML: [
    XMLAdapter.make(),
    (fields) =>
      Object.entries(fields).map(([name, value]) =>
        `<${name}>\n${typeof value === "string" ? value : JSON.stringify(value)}\n</${name}>`
      ).join("\n")
  ]
}

const tokensOf = (text: string): ReadonlyArray<string> => {
  const tokens: Array<string> = []
  for (let at = 0; at < text.length; at += 4) tokens.push(text.slice(at, at + 4))
  return tokens
}

const run = (adapter: Adapter, signature: Signature.Any, tokens: ReadonlyArray<string>, partial: boolean): number => {
  const started = performance.now()
  const decoder = adapter.decoder(signature)
  let seen = 0
  for (const token of tokens) {
    for (const part of decoder.push(token)) {
      seen += part.text.length
      if (partial) part.soFar?.snapshot(part.isLast)
    }
  }
  const { parts, result } = decoder.end()
  if (partial) { for (const part of parts) part.soFar?.snapshot(true) }
  const millis = performance.now() - started
  if (result._tag === "Failure" || seen < tokens.length * 3) throw new Error(`not read: ${seen} characters`)
  return millis
}

print("decoders", "tokens/s", "ns/token", "beside 5,000")
for (const [name, [adapter, write]] of Object.entries(forms)) {
  for (
    const [what, signature, fields, partial] of [
      ["two texts", texts, (n: number) => ({ reasoning: words(n * 2), answer: words(n * 2) }), false],
      ["a list", list, (n: number) => ({ items: words(n * 4).split("\n") }), false],
      ["a list, partial values", list, (n: number) => ({ items: words(n * 4).split("\n") }), true],
      [
        "a dict, partial values",
        dict,
        (n: number) => ({ items: Object.fromEntries(words(n * 4).split("\n").entries()) }),
        true
      ],
      ["nested, partial values", nested, (n: number) => peopleOf(n * 4), true]
    ] as const
  ) {
    let before = 0
    for (const count of [5_000, 100_000]) {
      const tokens = tokensOf(write(fields(count)))
      const rounds = count === 5_000 ? 100 : 15
      const nanos = Math.min(...Array.from({ length: rounds }, () => run(adapter, signature, tokens, partial))) * 1e6 /
        tokens.length
      print(
        `  ${name}, ${what}, ${round(count)}`.padEnd(44),
        round(1e9 / nanos),
        round(nanos),
        before === 0 ? "" : `${round(nanos / before, 2)}x`
      )
      before = nanos
    }
  }
}
