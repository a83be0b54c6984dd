/** Law 13 for states: the state of every program, written and read again, is loaded as what was saved. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Layer, Result, Schema } from "effect"
import {
  BestOfN,
  ChainOfThought,
  CodeAct,
  Ensemble,
  History,
  Image,
  Module,
  ModuleTool,
  MultiChainComparison,
  Predict,
  ReAct,
  Refine,
  RLM,
  Session,
  Signature,
  Tool
} from "effect-lm"

const Name = Schema.String.check(Schema.makeFilter((name: string) => name !== "__proto__"))
const Texts = Schema.Record(Name, Schema.String)
const Plain = Schema.Union([Schema.Finite, Schema.Null, Schema.Boolean, Schema.String, Schema.Array(Schema.Int), Texts])
const whole = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))

/** What a demo may have in a field of each type. */
const types = {
  text: Schema.String,
  whole: Schema.Int,
  number: Schema.Number,
  list: Schema.Array(Schema.String),
  record: Schema.Record(Name, Plain),
  nullable: Schema.NullOr(Schema.String),
  choice: Schema.Literals(["glad", "sad", 3]),
  struct: Schema.Struct({ a: Schema.Boolean, b: Schema.optionalKey(Schema.String) }),
  date: Schema.Date,
  set: Schema.ReadonlySet(Schema.Int),
  image: Image.Image
} as const
type Type = keyof typeof types
const kinds = Object.keys(types) as ReadonlyArray<Type>

const { image: _, ...ofSchemas } = types
const Values = Arbitrary.map(
  Arbitrary.schema(Schema.Struct({ ...ofSchemas, path: Schema.Int })),
  ({ path, ...values }) => ({ ...values, image: Image.fromUrl(`https://example.com/${path}.png`) })
)
type Values = Readonly<Record<Type, unknown>>

const Config = Schema.Struct({
  temperature: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 2 }))),
  topP: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  maxTokens: Schema.optionalKey(whole),
  seed: Schema.optionalKey(Schema.Int),
  stop: Schema.optionalKey(Schema.Array(Schema.String)),
  reasoningEffort: Schema.optionalKey(Schema.Literals(["none", "low", "max"])),
  parallelToolCalls: Schema.optional(Schema.Boolean),
  metadata: Schema.optionalKey(Texts),
  promptCache: Schema.optionalKey(Schema.Literals(["5m", "1h"])),
  providerOptions: Schema.optionalKey(Schema.Record(
    Name,
    Schema.Struct({
      body: Schema.optional(Schema.Record(Name, Plain)),
      headers: Schema.optional(Schema.Struct({ "x-title": Schema.String }))
    })
  ))
})

/** Numbers that decide, one after the other and again from the first, what a program is made of. */
const decisions = (numbers: ReadonlyArray<number>) => {
  let at = 0
  return { upTo: (most: number): number => numbers[at++ % numbers.length]! % (most + 1) }
}
type Decisions = ReturnType<typeof decisions>

const signatureOf = ({ upTo }: Decisions, more: Signature.Any["input"]["fields"] = {}): Signature.Any => {
  const side = (name: string, from: ReadonlyArray<Type>) =>
    Object.fromEntries(Array.from({ length: 1 + upTo(2) }, (_, i) => {
      const type = from[upTo(from.length - 1)]!
      return [`${name}_${i}_${type}`, types[type]]
    }))
  return Signature.fromSchemas({
    inputs: { ...side("in", kinds), ...more },
    outputs: side("out", kinds.filter((type) => type !== "image"))
  })
}

const typeOf = (name: string) => /^(?:in|out)_\d_(\w+)$/.exec(name)?.[1] as Type | undefined

/** Programs of every module, in one another. */
const programOf = (decide: Decisions, depth = 0): Effect.Effect<Module.Any> =>
  Effect.gen(function*() {
    const inner = programOf(decide, depth + 1)
    switch (decide.upTo(depth > 1 ? 1 : 13)) {
      case 1:
        return ChainOfThought.fromSignature(signatureOf(decide))
      case 2:
        return ReAct.fromSignature(signatureOf(decide), {
          tools: [
            ModuleTool.make((yield* inner).pipe(signed(signatureOf(decide))), { name: "inner" }),
            Tool.make("now", {}, () => "noon")
          ]
        })
      case 3:
        return Module.make("Both", { one: yield* inner, "the other": yield* inner }, ({ one }) => one)
      case 4:
        return Module.wrap(yield* inner, "Wrapped", (inner) => (input: object) => inner(input))
      case 5:
        return Module.provide(Layer.empty)(yield* inner)
      case 6:
        return signed(signatureOf(decide))(yield* inner)
      case 7: {
        const chat: Module.Any = Predict.fromSignature(signatureOf(decide, { history: History.History }))
        return (yield* Session.make(chat as Predict.Any)) as Module.Any
      }
      case 8:
        return BestOfN.make(signed(signatureOf(decide))(yield* inner), { n: 2, reward: () => 0 })
      case 9:
        return Refine.make(signed(signatureOf(decide))(yield* inner), {
          n: 2,
          reward: () => 0,
          threshold: 1,
          criterion: "It is right."
        })
      case 10:
        return Ensemble.make({ one: yield* inner, two: yield* inner }) as Module.Any
      case 11:
        return MultiChainComparison.fromSignature(signatureOf(decide))
      case 12:
        return CodeAct.fromSignature(signatureOf(decide), { tools: [] })
      case 13:
        return RLM.fromSignature(signatureOf(decide))
      default:
        return Predict.fromSignature(signatureOf(decide))
    }
  })

const signed = (signature: Signature.Any) => (self: Module.Any): Module.Any => Module.withSignature(self, signature)

/** The program as an optimizer leaves it. */
const tunedBy = (
  program: Module.Any,
  { upTo }: Decisions,
  given: { readonly config: typeof Config.Type; readonly instructions: string; readonly values: ReadonlyArray<Values> }
) =>
  Module.mapPredictors(program, (predict) => {
    const { signature } = predict
    const demos = given.values.map((values) =>
      Object.fromEntries([...signature.inputFields, ...signature.outputFields].flatMap(({ name }) => {
        const type = typeOf(name)
        return type === undefined || upTo(3) === 0 ? [] : [[name, values[type]]]
      }))
    )
    const changes = [
      (self: typeof predict) => Predict.withInstructions(self, given.instructions),
      (self: typeof predict) => Predict.withConfig(self, given.config),
      (self: typeof predict) => Predict.withDemos(self, demos as never) // fields that the signature has
    ]
    return changes.reduce((self, change) => upTo(3) === 0 ? self : change(self), predict)
  })

/** What each predictor sends for inputs that it takes. */
const requestsOf = Effect.fnUntraced(function*(program: Module.Any, values: Values) {
  const predictors: Array<readonly [path: string, Predict.Any]> = []
  Module.mapPredictors(program, (predict, path) => {
    predictors.push([path, predict])
    return predict
  })
  return yield* Effect.forEach(predictors, ([path, predict]) => {
    const inputs = predict.signature.inputFields as Signature.Any["inputFields"]
    const asked = inputs.flatMap((field) => {
      const type = typeOf(field.name)
      if (type !== undefined) return [[field.name, values[type]]]
      // What a module asks its own predictors with.
      const own = ["so", [], {}].find((value) => Result.isSuccess(field.validate(value)))
      return field.isHistory ? [] : [[field.name, own]]
    })
    return Effect.map(Predict.prepare(predict, Object.fromEntries(asked)), (request) => [path, request] as const)
  })
})

describe("law 13: data survives", () => {
  it.effect.prop(
    "every program: what is saved, written and read is loaded, and asks for the same",
    {
      numbers: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))).check(
        Schema.isMinLength(4)
      ),
      config: Config,
      instructions: Schema.String,
      values: Arbitrary.array(Values, { minLength: 1, maxLength: 3 })
    },
    ({ config, instructions, numbers, values }) =>
      Effect.gen(function*() {
        const decide = decisions(numbers)
        const program = yield* programOf(decide)
        const untouched = yield* Module.save(program)
        const tuned = tunedBy(program, decide, { config, instructions, values })
        const state = yield* Module.save(tuned)
        const text = JSON.stringify(state)
        const loaded = yield* Module.load(program, text)
        assert.strictEqual(JSON.stringify(yield* Module.save(loaded)), text)
        // As JSON has them: a setting that is there and undefined is one that is not there.
        const sent = (self: Module.Any) =>
          Effect.map(requestsOf(self, values[0]!), (all) => JSON.parse(JSON.stringify(all)))
        assert.deepStrictEqual(yield* sent(loaded), yield* sent(tuned))
        assert.deepStrictEqual(Object.keys(state.predictors), Object.keys(program.signatures))
        // Neither program has changed.
        assert.deepStrictEqual(yield* Module.save(program), untouched)
        assert.deepStrictEqual(yield* Module.save(yield* Module.load(tuned, untouched)), untouched)
      }),
    { arbitrary: { runs: 100, seed: 1 }, timeout: 60_000 }
  )
})
