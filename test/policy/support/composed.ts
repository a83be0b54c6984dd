/** Policies to be put over each other in either order, and what may go wrong below them. */
import { Duration, type Layer } from "effect"
import {
  Breaker,
  Cache,
  Cassette,
  type CassetteError,
  Fallback,
  Hedge,
  Limits,
  type LM,
  LMReason,
  Retry,
  Timeouts
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export type Policy = <E, R>(layer: Layer.Layer<LM, E, R>) => Layer.Layer<LM, E | CassetteError, R>

/** The folder of the cassette that is recorded. */
export const folder = mkdtempSync(join(tmpdir(), "effect-lm-composed-"))

/** It begins anew with each layer. */
export const cassette = join(folder, "cassette.jsonl")

/** An answer, in pieces. */
export const answer = (options: ScriptedLM.TextOptions = {}) =>
  ScriptedLM.chat({ answer: "Paris" }, { tokens: true, usage: { inputTokens: 7 }, ...options })

/** What stands between a program and its model. One more policy is one line more. */
export const policies = {
  retry: Retry.layer({ times: 2, delay: "1 second", restart: true }),
  timeouts: Timeouts.layer({ firstEvent: "5 seconds", idle: "5 seconds", reply: "5 seconds" }),
  timeout: Timeouts.inAll("5 minutes"),
  fallback: Fallback.to(ScriptedLM.layer(() => answer())),
  limits: Limits.layer({ concurrency: 3, requestsPerMinute: 4, tokensPerMinute: 100_000, queue: 100 }),
  breaker: Breaker.layer({ failures: 3 }),
  hedge: Hedge.after("2 seconds"),
  cache: Cache.layer(),
  cassette: Cassette.record(cassette)
} satisfies Readonly<Record<string, Policy>>

export type Name = keyof typeof policies

export const names = Object.keys(policies) as ReadonlyArray<Name> // its own keys

const begun = ["[[ ## answer ## ]]\nLon", "don, at"]
const usage = { usage: { inputTokens: 7 } }

/** What the first request meets. Some have begun to answer. */
export const faults = {
  busy: ScriptedLM.fail(new LMReason.RateLimited({ description: "busy", retryAfter: Duration.seconds(2) })),
  down: ScriptedLM.fail(new LMReason.Server({ description: "down" })),
  reset: ScriptedLM.fail(new LMReason.Transport({ description: "reset" }), begun, usage),
  cut: ScriptedLM.truncated(begun, usage),
  stalled: ScriptedLM.hang(begun),
  silent: ScriptedLM.never
}

export type Fault = keyof typeof faults

/** Of the outer and the inner one; the two may be the same. */
export type Pair = readonly [outer: Name, inner: Name]

/** What becomes of a call whose first request meets the fault, and whose others are answered. */
export const expected = ([outer, inner]: Pair, fault: Fault): "Success" | "Failure" | "Hangs" => {
  const used = new Set([outer, inner])
  if (fault === "silent" && used.has("hedge")) return "Success"
  if ((fault === "silent" || fault === "stalled") && !used.has("timeouts")) {
    if (!used.has("timeout")) return "Hangs"
    // The time in all is that of what stands below it.
    return outer === "fallback" ? "Success" : "Failure"
  }
  return used.has("retry") || used.has("fallback") ? "Success" : "Failure"
}
