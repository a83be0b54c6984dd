/**
 * What a model that is held to its form token by token is held to where it writes tool calls: those that can be made.
 */
import type { ReplyPiece, ReplyShape, ToolSpec } from "../../../lm/LMRequest.ts"
import { isRecord, type JsonRecord } from "../../../text/json/values.ts"

/** The shape of a reply whose field `field` is calls of these tools. */
export const ofCalls = (shape: ReplyShape, field: string, specs: ReadonlyArray<ToolSpec>): ReplyShape =>
  specs.length === 0 ? shape : { ...shape, pieces: shape.pieces.map((piece) => heldPiece(piece, field, specs)) }

// Details

const heldPiece = (piece: ReplyPiece, field: string, specs: ReadonlyArray<ToolSpec>): ReplyPiece => {
  if (piece._tag !== "Json") return piece
  if (piece.field === field) return { ...piece, schema: callsOf(specs) }
  const { properties } = piece.schema
  return piece.field === "" && isRecord(properties) && Object.hasOwn(properties, field)
    ? { ...piece, schema: { ...piece.schema, properties: { ...properties, [field]: callsOf(specs) } } }
    : piece
}

const callsOf = (specs: ReadonlyArray<ToolSpec>): JsonRecord => ({
  type: "array",
  items: {
    anyOf: specs.map(({ name, parameters }) => ({
      type: "object",
      properties: { name: { type: "string", enum: [name] }, args: argumentsOf(parameters) },
      required: ["name", "args"],
      additionalProperties: false
    }))
  }
})

/** References in a schema lead from its own root, which here is none. */
const argumentsOf = (parameters: JsonRecord): JsonRecord =>
  "$defs" in parameters || "definitions" in parameters ? { type: "object" } : parameters
