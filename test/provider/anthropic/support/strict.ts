/** Refuses what Anthropic's service refuses of messages, in our words. */

type Block = { readonly type: string } & Readonly<Record<string, any>>

/** What is wrong with a body; nothing where it would be taken. */
export const problemOf = (body: any): string | undefined => {
  if (typeof body.max_tokens !== "number") return "max_tokens: Field required"
  const messages: ReadonlyArray<{ readonly role: string; readonly content: ReadonlyArray<Block> }> = body.messages
  if (messages.at(-1)?.role !== "user") return "This model does not support assistant message prefill"
  let asked: ReadonlyArray<string> = []
  for (const [at, { content, role }] of messages.entries()) {
    const place = `messages.${at}`
    if (content.length === 0) return `${place}: content must not be empty`
    for (const block of content) {
      if (block.type === "text" && block["text"].trim() === "") return `${place}: text must contain non-whitespace text`
      if (block.type === "thinking" && !block["signature"].startsWith("signed ")) {
        return `${place}: Invalid \`signature\``
      }
      if (block.type === "tool_use" && (typeof block["input"] !== "object" || Array.isArray(block["input"]))) {
        return `${place}: input should be a valid dictionary`
      }
    }
    if (role === "user") {
      const results = content.filter(({ type }) => type === "tool_result").map(({ tool_use_id }) => tool_use_id)
      const firstOther = content.findIndex(({ type }) => type !== "tool_result")
      if (firstOther !== -1 && content.slice(firstOther).some(({ type }) => type === "tool_result")) {
        return `${place}: tool_result blocks have to come first`
      }
      if (asked.some((id) => !results.includes(id))) return `${place}: tool_use ids without tool_result blocks`
      if (results.some((id) => !asked.includes(id))) return `${place}: unexpected tool_use_id in tool_result blocks`
      asked = []
    } else {
      asked = content.filter(({ type }) => type === "tool_use").map(({ id }) => id)
      const thought = content.findIndex(({ type }) => type.endsWith("thinking"))
      const call = content.findIndex(({ type }) => type === "tool_use")
      if (thought > call && call !== -1) return `${place}: thinking blocks have to come before tool_use`
    }
  }
  return undefined
}
