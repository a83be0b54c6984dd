/**
 * A request that is answered with one JSON value, and nothing is shown of it before its end.
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as LMError from "../../lm/LMError.ts"
import { parse } from "../../text/json/values.ts"
import type { Body, Protocol } from "../Protocol.ts"
import { textOf } from "./bodyText.ts"
import type { Connection } from "./connection.ts"
import { excerpt } from "./excerpt.ts"
import * as Failure from "./failure.ts"
import * as Refusal from "./refusal.ts"
import { type Abort, header, type Reply } from "./reply.ts"
import { failed } from "./transport/exchange.ts"
import { within } from "./transport/whole.ts"

/** What is asked, and how its answer is read. */
export interface Question<A> {
  readonly path: string
  readonly body: Body
  readonly failure: Protocol["failure"]
  readonly read: (payload: unknown) => Result.Result<A, LMError.Reason>
}

/** Asks once, and waits as long as `limit`. Leaving it closes the connection. */
export const ask = <A>(
  connection: Connection,
  limit: Duration.Duration,
  { body, failure, path, read }: Question<A>
): Effect.Effect<A, LMError.LMError> =>
  Effect.flatMap(connection.sender(limit), ({ headers, secrets }) =>
    Effect.withFiber((fiber) => {
      const { baseUrl, extra, limits, model } = connection
      const clock = fiber.getRef(Clock.Clock)
      const posted = { body: { ...body, ...extra }, path, headers, context: fiber.context }
      const send = (abort: Abort): Promise<Answer> =>
        connection.send(posted, abort).then((reply): Promise<Answer> =>
          isSuccess(reply)
            ? textOf(
              reply,
              limits.reply,
              `the provider's answer is larger than ${limits.reply} bytes, which is the ` +
                "limit (limits.reply)"
            ).then((text) => ({ text, headers: reply.headers }))
            : Refusal.read(reply, limits.errorBody, clock.currentTimeMillisUnsafe()).then((refusal) => {
              throw new Failure.Refused(failure(refusal), reply.headers)
            })
        )
      const origin = { model, baseUrl, secrets }
      return Effect.matchEffect(within(clock, limit, send), {
        onFailure: (lost) => failed(origin, lost),
        onSuccess: ({ headers, text }) => {
          const payload = parse(text)
          const answer = Result.isSuccess(payload) ? read(payload.success) : Result.fail(notJson(text, headers))
          return Result.isSuccess(answer)
            ? Effect.succeed(answer.success)
            : Effect.fail(Failure.toError(origin, answer.failure, headers))
        }
      })
    }))

interface Answer {
  readonly text: string
  readonly headers: Reply["headers"]
}

const isSuccess = ({ status }: Reply): boolean => status >= 200 && status < 300

/** A body that breaks off is not as long as it was said to be, and Node says so; what else is no JSON is somebody else's page. */
const notJson = (text: string, headers: Reply["headers"]): LMError.Reason => {
  const type = header({ headers }, "content-type")
  return new LMError.InvalidResponse({
    description: `the provider sent no JSON${type === null ? "" : ` but ${type}`}: ${excerpt(text)}`
  })
}
