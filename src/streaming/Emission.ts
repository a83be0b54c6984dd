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
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Call from "../run/Call.ts"
import { notify, Observers } from "../run/Observer.ts"
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

/**
 * Says a value on a channel: it is an event `Emitted` in the stream of the program that runs this, at its place among the others.
 * Where nobody watches, nothing happens. What is emitted in an attempt that is discarded is not taken back.
 */
export const emit = <Name extends string, A>(channel: Channel<Name, A>, value: A): Effect.Effect<void> => {
  given("Streaming.emit", emitParameters, [channel])
  return Effect.withFiber((fiber) => {
    const observers = fiber.getRef(Observers)
    const call = fiber.getRef(Call.CurrentCall)
    return call === undefined
      ? Effect.void
      : notify(observers, [{ _tag: "Emission", sequence: call.run.nextSequence(), call, channel, value }])
  })
}

const emitParameters = {
  channel: Kinds.make(
    "a channel, as Emission.channel(\"progress\", Schema.Finite) gives one",
    (value) => Predicate.hasProperty(value, "schema") && Predicate.hasProperty(value, "name")
  )
}
