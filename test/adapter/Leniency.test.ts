/**
 * The rule of all readers: what can be read in one way only is read at once; what could be read in two is asked again; nothing
 * is read wrong. Each row is one of a kind that models do send.
 */
import { assert, describe, it } from "@effect/vitest"
import { adapters, decodeEverySplit, errorOf, valuesOf } from "./support/decode.ts"
import { outputs, qa, type Row } from "./support/leniency.ts"

/** The same in each form, with text between the two. */
const twice: ReadonlyArray<readonly [Row["adapter"], (first: string, second: string, between: string) => string]> = [
  ["JSON", (a, b, between) => `{"answer": "${a}", "n": 3}${between}{"answer": "${b}", "n": 3}`],
  [
    "Chat",
    (a, b, between) => {
      const all = (answer: string) => `[[ ## answer ## ]]\n${answer}\n\n[[ ## n ## ]]\n3\n\n[[ ## completed ## ]]`
      return `${all(a)}${between}${between.endsWith("\n") ? "" : "\n"}${all(b)}`
    }
  ],
  ["Chat", (a, b, between) => `{"answer": "${a}", "n": 3}${between}{"answer": "${b}", "n": 3}`],
  ["XML", (a, b, between) => `<answer>${a}</answer>\n<n>3</n>${between}<answer>${b}</answer>\n<n>3</n>`]
]

describe("a reply behind the reply", () => {
  const all = (between: string, value: string | undefined) => {
    for (const [adapter, replyOf] of twice) {
      const decoded = decodeEverySplit(adapters[adapter], outputs(qa), replyOf("first", "second", between))
      if (value === undefined) assert.isAbove(errorOf(decoded).issues.length, 0, `${adapter}: ${between}`)
      else assert.deepStrictEqual(valuesOf(decoded), { answer: value, n: 3 }, `${adapter}: ${between}`)
    }
  }
  for (
    const between of ["\nWait, that's wrong:\n", "\nCorrected version:\n", "\nOn second thought:\n", "\nOr rather:\n"]
  ) {
    it(`${JSON.stringify(between)} corrects it`, () => all(between, "second"))
  }
  for (
    const between of [
      "\nor\n",
      "\nAlternatively:\n",
      "\nFor example:\n",
      "\nOption 2:\n",
      "\nAnother possible answer:\n",
      "\nFor the second question:\n",
      "\nVersion 2:\n",
      "\nq: was that right? No, I correct it:\n"
    ]
  ) {
    it(`${JSON.stringify(between)} leaves two`, () => all(between, undefined))
  }
  for (
    const between of [
      "\nUser: more?\n",
      "\nHuman: more?\n\nAssistant:\n",
      "\n**Question:** more?\n",
      "\n---\n\nq: more?\n\n",
      "\nInput: y\nOutput: ",
      "\n### Instruction:\nmore?\n\n### Response:\n",
      "\n[INST] more? [/INST]\n",
      "<|im_end|>\n<|im_start|>user\nmore?<|im_end|>\n<|im_start|>assistant\n",
      "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nmore?<|eot_id|>\n",
      "<end_of_turn>\n<start_of_turn>user\nmore?<end_of_turn>\n<start_of_turn>model\n"
    ]
  ) {
    it(`${JSON.stringify(between)} begins the next turn`, () => all(between, "first"))
  }
})
