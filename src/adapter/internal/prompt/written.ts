/**
 * A value as text: a string without quotes where it may stand so, everything else as JSON.
 */
import type { Value } from "../../Form.ts"

export const written = (name: string, json: unknown, isBare: boolean): Value => ({
  name,
  json,
  ...(typeof json === "string" && isBare ? { text: json, kind: "text" } : { text: JSON.stringify(json), kind: "json" })
})
