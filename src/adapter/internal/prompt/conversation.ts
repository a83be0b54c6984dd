/**
 * The conversation so far, and the question that goes on with it.
 */
import { type Message, user } from "../../../lm/LMRequest.ts"
import type { Field } from "../../../signature/Field.ts"
import { type History, turnsKey } from "../../../signature/History.ts"
import type * as Signature from "../../../signature/Signature.ts"
import type { AdapterCall, Called } from "../../Adapter.ts"
import { perSignature } from "../perSignature.ts"
import * as Calls from "./calls.ts"
import { labelOf, toldValue } from "./fieldText.ts"
import type { JsonFields, Turn } from "./turn.ts"
import { spokenOnce } from "./turns.ts"

/** How a call is asked, and how it is answered. */
export interface Manner {
  readonly question: (values: JsonFields) => Parameters<typeof user>[0]
  readonly answer: (values: JsonFields) => string
  /** Text of a conversation that is no question and no answer in this form. */
  readonly words: (text: string) => string
  /** A question, and what followed it before it was answered. */
  readonly turns: (asked: ReadonlyArray<Message>, turns: ReadonlyArray<Turn>) => ReadonlyArray<Message>
}

/** The turns before, then the question: all asked in the same manner, so that what was sent before is sent again as it was. */
export const conversation = (
  { called, earlier = [], inputs, signature }: AdapterCall,
  manner: Manner
): ReadonlyArray<Message> => {
  const messages = [
    ...messagesOf(signature, inputs).flatMap((message, at) =>
      earlierTurn({ signature, message, turns: earlier[at] ?? [], called }, manner)
    ),
    user(manner.question(inputs))
  ]
  // What came of calls is told by the user, and the next question may follow at once.
  return called === undefined ? messages : spokenOnce(messages)
}

/** The inputs that are written as fields: all but a history, which is written as turns. */
export const askedOf = perSignature((signature): ReadonlyArray<Field> =>
  signature.inputFields.filter((field) => !field.isHistory)
)

// Details

const messagesOf = (signature: Signature.Any, inputs: JsonFields): History["messages"] => {
  const field = signature.inputFields.find((field) => field.isHistory)
  if (field === undefined || !Object.hasOwn(inputs, field.name)) return []
  // This field has the schema of a history, and its value was encoded by it.
  return (inputs[field.name] as History).messages
}

/** A message of a history. */
interface Earlier {
  readonly signature: Signature.Any
  readonly message: JsonFields
  /** What followed its question before it was answered. */
  readonly turns: ReadonlyArray<Turn>
  readonly called: Called | undefined
}

/** What a turn has of the question and of the answer, either of which may be missing. */
const earlierTurn = ({ called, message, signature, turns }: Earlier, manner: Manner): ReadonlyArray<Message> => {
  const asked = askedOf(signature)
  // Where a question may have no inputs, a turn without inputs is one that had none.
  const isAsked = hasSome(asked, message) || asked.every((field) => field.optional)
  const replied = Calls.asReplied(called, message)
  const answer = hasSome(signature.outputFields, replied)
    ? manner.answer(replied)
    : isAsked && Calls.nativeIn(called, message).length === 0
    ? otherFields([...asked.map(({ name }) => name), ...called === undefined ? [] : [called.field]], message, manner)
    : undefined
  return [
    ...manner.turns(isAsked ? [user(manner.question(message))] : [], turns),
    ...Calls.said(called, message, answer, manner.words)
  ]
}

/** An answer in fields that the signature does not have, in words: the program's, for a predictor that is one step of it. */
const otherFields = (known: ReadonlyArray<string>, message: JsonFields, manner: Manner): string | undefined => {
  const others = Object.entries(message).filter(([name]) => name !== turnsKey && !known.includes(name))
  const lines = others.map(([name, json]) => `${labelOf(name)}: ${toldValue([name, json]).text}`)
  return lines.length === 0 ? undefined : manner.words(lines.join("\n"))
}

const hasSome = (fields: ReadonlyArray<Field>, values: JsonFields): boolean =>
  fields.some((field) => Object.hasOwn(values, field.name))
