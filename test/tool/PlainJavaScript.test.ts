/** What no compiler sees in plain JavaScript is a sentence when it is made, or simply works. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Schema } from "effect"
import { Approval, Tool, Toolbox, ToolRegistry } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { unchecked } from "../support/unchecked.ts"

const tool = (options: object) => () => Tool.make("t", unchecked(options), () => 1)
const kit = Toolkit.make(AiTool.make("Look", { parameters: Schema.Struct({ word: Schema.String }) }))
const a = Tool.make("a", {}, () => 1)

describe("what is made of something else is refused, in a sentence", () => {
  const rows: ReadonlyArray<readonly [name: string, make: () => unknown, sentence: RegExp]> = [
    [
      "a name that is a number",
      () => Tool.make(unchecked(5), {}, () => 1),
      /^a tool's name is a number: it is a string$/
    ],
    [
      "no function",
      () => Tool.make("t", {}, unchecked(undefined)),
      /^the function of the tool 't' is undefined: it is the third argument of Tool\.make, as in Tool\.make\("t", /
    ],
    [
      "no options",
      () => Tool.make("t", unchecked(() => 1), unchecked(undefined)),
      /^the tool 't' takes its options as an object/
    ],
    ["a description", tool({ description: ["a"] }), /^`description` of the tool 't' is a list: it is a string$/],
    [
      "parameters",
      tool({ parameters: "city" }),
      /^`parameters` of the tool 't' is a string: it is an object of schemas, as \{/
    ],
    ["no parameters", tool({ parameters: null }), /^`parameters` of the tool 't' is null: it is an object of schemas/],
    [
      "a retry that is true",
      tool({ retry: true }),
      /^`retry` of the tool 't' is a boolean: it is how often to try again, as 2, or a/
    ],
    [
      "parameters beside the options",
      tool({ city: Schema.String }),
      /^the tool 't' has no option 'city': write \{ parameters: \{ city \} \}$/
    ],
    ["a retry that is a text", tool({ retry: "2" }), /^`retry` of the tool 't' is a string: it is how often/],
    [
      "a retry of less than none",
      tool({ retry: -1 }),
      /^`retry` of the tool 't' is -1: it is a whole number, 0 or more/
    ],
    ...["no", "yes", 0, 1, null, {}, Effect.succeed(true)].map((needsApproval) =>
      [
        `approval that is ${JSON.stringify(needsApproval)}`,
        tool({ needsApproval }),
        /^`needsApproval` of the tool 't' is .*: it is true, false, or a function of the call's parameters, as \(\{ path/
      ] as const
    ),
    [
      "approval of a plain function",
      () => Tool.fromFunction(Object.assign(unchecked(() => 1), { needsApproval: "no" }), "f"),
      /^`needsApproval` of the tool 'f' is a string: it is true, false, or a function/
    ],
    [
      "approval of a toolkit's tool",
      () => ToolRegistry.addToolkit(kit, unchecked({ policies: { Look: { needsApproval: "no" } } })),
      /^`needsApproval` of the tool 'Look' is a string: it is true, false/
    ],
    ["no timeout", tool({ timeout: null }), /^`timeout` of the tool 't' is null: it is a duration, as "5 seconds"/],
    ["a timeout", tool({ timeout: "soon" }), /^`timeout` of the tool 't' is .*soon.*: it is a duration/],
    ["concurrency", tool({ concurrency: "2" }), /^`concurrency` of the tool 't' is "2": it is a whole number/],
    [
      "a plain function",
      () => Tool.fromFunction(unchecked(3)),
      /^what Tool\.fromFunction was given is a number: it is a function/
    ],
    ["its name", () => Tool.fromFunction(() => 1, unchecked(3)), /^a tool's name is a number/],
    [
      "a toolbox",
      () => Toolbox.resolve(unchecked(3)),
      /^tools are an array of tools, .* unlike a number: Tool\.make makes/
    ],
    [
      "a tool of a toolbox",
      () => Toolbox.resolve(unchecked([a, 3])),
      /^tools\[1\] is no tool, but a number: Tool\.make makes/
    ],
    [
      "a limit of a toolbox",
      () => Toolbox.resolve([a], unchecked({ maxLength: 3 })),
      /^Toolbox\.resolve has no option 'maxLength'/
    ],
    [
      "a tool to add",
      () => ToolRegistry.add(unchecked(3)),
      /^argument 1 of ToolRegistry\.add is no tool, but a number/
    ],
    [
      "tools to add",
      () => ToolRegistry.add(unchecked([a])),
      /^argument 1 .* but an array: .*ToolRegistry\.add\(\.\.\.tools\)$/
    ],
    [
      "tools of a registry",
      () => ToolRegistry.layerTools(a, unchecked("b")),
      /^argument 2 of ToolRegistry\.add is no tool/
    ],
    [
      "a toolkit",
      () => ToolRegistry.addToolkit(unchecked([a])),
      /^what was given for a toolkit is a list: it is an effect\/ai/
    ],
    [
      "a policy of no tool",
      () => ToolRegistry.addToolkit(kit, unchecked({ policies: { Lok: {} } })),
      /^there is a policy of the tool 'Lok', which the toolkit does not have: Look$/
    ],
    [
      "a misspelt policy",
      () => ToolRegistry.addToolkit(kit, unchecked({ policies: { Look: { needsAproval: true } } })),
      /^the policy of the tool 'Look' has no option 'needsAproval': did you mean 'needsApproval'\?$/
    ],
    [
      "a source",
      () => ToolRegistry.addMcp(unchecked({ url: "x" })),
      /^what .*addMcp takes is an object: it is a source of tools, as Mcp/
    ],
    [
      "a Map of parameters",
      () => Tool.make("look", unchecked({ parameters: new Map([["city", Schema.String]]) }), () => ""),
      /^`parameters` of the tool 'look' is a Map: .*; write Object\.fromEntries\(/
    ],
    [
      "a Map of arguments",
      () => Approval.approve(unchecked(new Map([["city", "Paris"]]))),
      /^the arguments of Approval\.approve is a Map: it is an object; write Object\.fromEntries\(/
    ],
    [
      "an approver",
      () => Approval.layer(unchecked("x")),
      /^the approver is a string: it is a function that decides, as \(request\) =>/
    ],
    [
      "a reason",
      () => Approval.layerRefuse(unchecked(3)),
      /^the reason of Approval\.refuse is a number: it is a string$/
    ],
    [
      "changed arguments",
      () => Approval.approve(unchecked(true)),
      /^the arguments of Approval\.approve is a boolean: it is an object$/
    ]
  ]
  for (const [name, make, sentence] of rows) {
    it(name, () => assert.throws(make, TypeError, sentence))
  }
})

describe("an approver", () => {
  const remove = Tool.make("remove", { needsApproval: true }, () => "removed")
  const answers: ReadonlyArray<readonly [name: string, answer: () => unknown, said: string, logged?: string]> = [
    ["true", () => true, "removed"],
    ["false", () => false, "remove: the call was refused"],
    ["a decision", () => Approval.approve(), "removed"],
    ["a promise of a decision", () => Promise.resolve(Approval.refuse("no")), "remove: the call was refused: no"],
    ["a promise of true", () => Promise.resolve(true), "removed"],
    ["an Effect of true", () => Effect.succeed(true), "removed"],
    ["nothing", () => undefined, noDecision(), "undefined"],
    ["an Effect of nothing", () => Effect.void, noDecision(), "undefined"],
    ["a text", () => "yes", noDecision(), "a string"],
    ["a decision of no kind", () => ({ _tag: "approved" }), noDecision(), "an object"],
    ["arguments that are none", () => ({ _tag: "Approved", arguments: "all" }), noDecision(), "an object"],
    ["a promise that rejects", () => Promise.reject(new Error("gone")), notAsked(), "the approver failed"],
    ["an Effect that fails", () => Effect.fail("gone"), notAsked(), "the approver failed"],
    [
      "what it throws",
      () => {
        throw new Error("gone")
      },
      notAsked(),
      "the approver failed"
    ]
  ]
  for (const [name, answer, said, logged] of answers) {
    it.effect(`that gives ${name}`, () =>
      Effect.gen(function*() {
        const warnings: Array<string> = []
        const logger = Logger.make(({ message }) => void warnings.push(String(message)))
        const box = yield* Toolbox.resolve([remove])
        const { text } = yield* box.call({ name: "remove", arguments: { _tag: "Text", text: "" } }).pipe(
          Effect.provide(Layer.merge(Approval.layer(unchecked(answer)), Logger.layer([logger])))
        )
        assert.strictEqual(text, said)
        assert.strictEqual(warnings.length, logged === undefined ? 0 : 1)
        if (logged !== undefined) assert.include(warnings[0], logged)
      }))
  }
})

function noDecision(): string {
  return "remove: the call was refused: the approver gave no decision"
}

function notAsked(): string {
  return "remove: the call was refused: the approval could not be asked for"
}
