/**
 * A program of its own process, for what the environment decides there: which certificates are trusted, which proxy is used. It
 * asks a model at each address that it is given, and writes what came of it.
 */
import { Effect } from "effect"
import { LMRequest, OpenAI } from "effect-lm"

const ask = (baseUrl: string) =>
  OpenAI.make({ model: "m", baseUrl, retry: false }).pipe(
    Effect.flatMap((lm) =>
      lm.generate({ messages: [LMRequest.user("Why?")], config: {}, responseFormat: { _tag: "Text" } })
    ),
    Effect.match({
      onSuccess: ({ completions }) => ({ finish: completions[0]?.finish }),
      onFailure: ({ isRetryable, message, reason }) => ({ reason: reason._tag, isRetryable, message })
    })
  )

process.stdout.write(JSON.stringify(await Effect.runPromise(Effect.forEach(process.argv.slice(2), ask))))
