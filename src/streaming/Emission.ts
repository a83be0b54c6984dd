/**
 * A program's own values in its stream: how far it is, what it has found, whatever its user wants to see before the prediction.
 *
 * @example
 * const Found = Emission.channel("found", Schema.Struct({ title: Schema.String }))
 *
 * // inside of a module
 * yield* Streaming.emit(Found, { title: "A page" })
 *
 * // who reads the stream
 * Stream.runForEach(events, (event) => Found.is(event) ? Console.log(event.value.title) : Effect.void)
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Kinds from "../text/kinds.ts"
import { given } from "../text/options.ts"
import type { Emitted } from "./StreamEvent.ts"

// Models

/** Values of one kind, by a name and a Schema: the Schema is what carries them over a wire. */
export interface Channel<out Name extends string, in out A> {
  readonly name: Name
  readonly schema: Schema.Codec<A, unknown>
  /** Whether an event of a stream is a value of this channel. */
  readonly is: (event: unknown) => event is Emitted<Name, A>
}

// Constructors

/** A channel. Its name tells its values apart from those of other channels of the program. */
export const channel = <const Name extends string, A>(
  name: Name,
  schema: Schema.Codec<A, unknown>
): Channel<Name, A> => {
  given("Emission.channel", channelParameters, [name, schema])
  return {
    name,
    schema,
    is: (event): event is Emitted<Name, A> =>
      Predicate.isTagged(event, "Emitted") && "name" in event && event.name === name
  }
}

const channelParameters = { name: Kinds.text, schema: Kinds.make("a Schema", Schema.isSchema) }
