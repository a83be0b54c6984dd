/** The public names: what is added or taken away here is added or taken away for users. */
import { assert, describe, it } from "@effect/vitest"
import * as EffectLM from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import * as McpErrors from "effect-lm/mcp/McpError"
import * as StateErrors from "effect-lm/module/StateError"
import * as Optimize from "effect-lm/optimize"
import * as SandboxErrors from "effect-lm/sandbox/SandboxError"
import * as ContentErrors from "effect-lm/signature/ContentError"
import * as Testing from "effect-lm/testing"
import * as ToolErrors from "effect-lm/tool/ToolError"
import * as BlockingErrors from "effect-lm/worker/BlockingError"
import { execFileSync } from "node:child_process"
import { join } from "node:path"

const nameOf = (
  { fields }: { readonly fields: { readonly _tag: { readonly schema: { readonly literal: string } } } }
) => fields._tag.schema.literal

describe("public exports", () => {
  it("of effect-lm", () => {
    assert.deepStrictEqual(Object.keys(EffectLM).toSorted(), [
      "Account",
      "Adapter",
      "AdapterParseError",
      "Adapters",
      "Anthropic",
      "Approval",
      "AsyncProgram",
      "Audio",
      "BestOfN",
      "Blocking",
      "BlockingError",
      "BlockingReason",
      "BlockingStream",
      "Breaker",
      "Budget",
      "Cache",
      "CacheStore",
      "CalendarDate",
      "Call",
      "Cassette",
      "CassetteError",
      "ChainOfThought",
      "ChatAdapter",
      "Citations",
      "ClientTool",
      "Code",
      "CodeAct",
      "CompactAdapter",
      "ContentError",
      "ContentReason",
      "CurrentAdapter",
      "CurrentConfig",
      "CurrentMaxIterations",
      "Discovery",
      "Document",
      "DuplicateToolError",
      "Embedder",
      "EmbeddingVector",
      "Embeddings",
      "Emission",
      "Ensemble",
      "EventCodec",
      "EventCodecError",
      "Fallback",
      "Field",
      "File",
      "Form",
      "Hedge",
      "History",
      "Image",
      "InputError",
      "JSONAdapter",
      "Keep",
      "Keys",
      "LM",
      "LMContent",
      "LMError",
      "LMEvent",
      "LMReason",
      "LMRequest",
      "LMResponse",
      "Limits",
      "LocalModel",
      "Mcp",
      "McpError",
      "McpReason",
      "Meter",
      "Middleware",
      "Module",
      "ModuleTool",
      "MultiChainComparison",
      "Observer",
      "OpenAI",
      "OpenAIEmbedder",
      "Parallel",
      "PartialJson",
      "PlainAdapter",
      "Predict",
      "Prediction",
      "Prices",
      "Protocol",
      "Providers",
      "RLM",
      "ReAct",
      "Reasoning",
      "Refine",
      "Retry",
      "RunEvent",
      "Sandbox",
      "SandboxError",
      "SandboxReason",
      "Scanner",
      "Session",
      "Signature",
      "SignatureError",
      "SizeLimits",
      "State",
      "StateError",
      "StateReason",
      "Status",
      "StatusSink",
      "Step",
      "StopWhen",
      "StreamEvent",
      "StreamListener",
      "Streaming",
      "Telemetry",
      "Timeouts",
      "TooManyFailures",
      "Tool",
      "ToolCache",
      "ToolCalls",
      "ToolError",
      "ToolReason",
      "ToolRegistry",
      "Toolbox",
      "Trajectory",
      "TwoStepAdapter",
      "Usage",
      "Watched",
      "XMLAdapter"
    ])
  })

  it("reasons are one namespace an error, which has all of them", () => {
    for (
      const [reasons, errors] of [
        [EffectLM.LMReason, LMErrors],
        [EffectLM.ToolReason, ToolErrors],
        [EffectLM.McpReason, McpErrors],
        [EffectLM.BlockingReason, BlockingErrors],
        [EffectLM.SandboxReason, SandboxErrors],
        [EffectLM.ContentReason, ContentErrors],
        [EffectLM.StateReason, StateErrors]
      ] as const
    ) {
      const { Reason, ...classes } = reasons
      assert.deepStrictEqual(Object.keys(classes).toSorted(), Reason.members.map(nameOf).toSorted())
      // Where they were before, they are still.
      for (const [name, reason] of Object.entries(reasons)) {
        assert.strictEqual(new Map(Object.entries(errors)).get(name), reason)
      }
    }
  })

  it("of effect-lm/testing", () => {
    assert.deepStrictEqual(Object.keys(Testing).toSorted(), [
      "Cassette",
      "CollectingSink",
      "ScriptedEmbedder",
      "ScriptedLM"
    ])
  })

  it("of effect-lm/optimize", () => {
    assert.deepStrictEqual(Object.keys(Optimize), ["KNN"])
  })

  it("every folder's modules can be imported by themselves, internal ones cannot", () => {
    const found = (name: string) => {
      const script = `import(${
        JSON.stringify(name)
      }).then(() => console.log("found"), (error) => console.log(error.code))`
      return execFileSync(
        process.execPath,
        ["--conditions=effect-lm-source", "--input-type=module", "--eval", script],
        {
          cwd: join(import.meta.dirname, ".."),
          encoding: "utf8"
        }
      ).trim()
    }
    assert.strictEqual(found("effect-lm/module/Predict"), "found")
    assert.strictEqual(found("effect-lm/streaming"), "found")
    assert.strictEqual(found("effect-lm/module/internal/ask"), "ERR_PACKAGE_PATH_NOT_EXPORTED")
    assert.strictEqual(found("effect-lm/module/index"), "ERR_PACKAGE_PATH_NOT_EXPORTED")
  })
})
