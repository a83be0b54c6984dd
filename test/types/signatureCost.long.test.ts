/** Thousands of signatures do not slow the compiler. A quarter of a minute. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Signature } from "effect-lm/signature"
import { random } from "../support/random.ts"
import { check, header } from "./signatureCompiler.ts"

const words = (
  "question answer context score label summary topic reason title tags key_points confidence draft query passages " +
  "language entities dates claims verdict"
).split(" ")

const types = (
  ";;;: str;: int;: float;: bool;: list[str];: string[];: Optional[str];: str | None;: 'spam' | 'ham';" +
  ": Literal['a, b', 'c'];: dict[str, list[int]];: Record<string, number>"
).split(";")

const richTypes = (
  ": { name: str, age?: int }[];: { title: string, tags: set[str], at: datetime };: tuple[int, str];: set[str];: datetime;" +
  ": date = '2026-01-02';: int = 3;: list[str] = ['a', 'b'];: 'low' | 'high' = 'low';= 'plain';?: { a: int }"
).split(";")

/** Signatures of five fields, as a program has them: most names and types return, every third name is new. */
const texts = (count: number, types: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { int, pick } = random(7)
  return Array.from({ length: count }, (_, i) => {
    const names = new Set<string>()
    while (names.size < 5) names.add(int(3) === 0 ? `${pick(words)}_${i}` : pick(words))
    const fields = Array.from(names, (name) => name + pick(types))
    return `${fields.slice(0, 2).join(", ")} -> ${fields.slice(2).join(", ")}`
  })
}

const made = (texts: ReadonlyArray<string>) =>
  check([header, ...texts.map((text, i) => `export const s${i} = Signature.make(${JSON.stringify(text)})`)].join("\n"))

// About 1.5 times what it was measured at: 632,000 for the thousand, 73,000 for the long ones.
const budget = 940_000
const longBudget = 105_000
// The same for two hundred whose fields all have an object, a set, a tuple, a date or a default: measured at 226,000.
const richBudget = 340_000
// And for an object of a hundred properties beside a default of a hundred items: measured at 103,000.
const wideBudget = 155_000

// The compiler is another process, which a busy machine may keep waiting.
describe("the cost of signatures to the compiler", { timeout: 60_000 }, () => {
  it("a thousand signatures of five fields stay within the budget", () => {
    const all = texts(1000, types)
    assert.isTrue(all.every((text) => Result.isSuccess(Signature.parse(text))))
    const { errors, instantiations } = made(all)
    assert.deepStrictEqual(errors, [])
    const own = instantiations - made([]).instantiations
    process.stdout.write(`1000 signatures of 5 fields: ${own} instantiations, budget ${budget}\n`)
    assert.isBelow(own, budget)
  })

  it("two hundred signatures of objects, sets, tuples, dates and defaults stay within theirs", () => {
    const all = texts(200, richTypes)
    assert.isTrue(all.every((text) => Result.isSuccess(Signature.parse(text))))
    const { errors, instantiations } = made(all)
    assert.deepStrictEqual(errors, [])
    const own = instantiations - made([]).instantiations
    process.stdout.write(`200 signatures of 5 rich fields: ${own} instantiations, budget ${richBudget}\n`)
    assert.isBelow(own, richBudget)
  })

  it("a signature of two hundred fields, and one of a hundred literals, are no harder", () => {
    const many = Array.from({ length: 200 }, (_, i) => `field_${i}: list[str]`).join(", ")
    const labels = Array.from({ length: 100 }, (_, i) => `'label, ${i}'`).join(", ")
    const { errors, instantiations } = made([`${many} -> answer`, `question -> label: Literal[${labels}]`])
    assert.deepStrictEqual(errors, [])
    const own = instantiations - made([]).instantiations
    process.stdout.write(`200 fields and 100 literals: ${own} instantiations, budget ${longBudget}\n`)
    assert.isBelow(own, longBudget)
  })

  it("an object of a hundred properties, and a default of a hundred items, are none either", () => {
    const properties = Array.from({ length: 100 }, (_, i) => `property_${i}?: str`).join(", ")
    const items = Array.from({ length: 100 }, (_, i) => `'item ${i}'`).join(", ")
    const { errors, instantiations } = made([`question, items: list[str] = [${items}] -> object: { ${properties} }`])
    assert.deepStrictEqual(errors, [])
    const own = instantiations - made([]).instantiations
    process.stdout.write(`100 properties and 100 items: ${own} instantiations, budget ${wideBudget}\n`)
    assert.isBelow(own, wideBudget)
  })
})
