/**
 * Requests and answers that are too large.
 */
import type { Row } from "./row.ts"

const shorten = "Shorten the messages, or use a model with a larger context"

export const sizes: ReadonlyArray<Row> = [
  // Too many tokens to generate, whatever the messages are.
  {
    reason: "InvalidRequest",
    says: [
      /max[_ ]?(completion|new|output)?[_ ]?tokens\W{0,3}(\d+\W{1,3})?(is |are )?(too (large|high)|must be|cannot|should|exceeds?|:? ?\d+ >)/,
      /at most \d{1,9} (completion|output) tokens/
    ],
    unless:
      /maximum context length is|context limit|you requested|(input|prompt)( length| token|s? tokens)|`inputs`|in (the|your) (messages|prompt)|\bgot -\d/,
    advice: "Ask for fewer tokens (maxTokens)"
  },

  {
    reason: "ContextWindowExceeded",
    status: [413],
    kinds: [
      "context_length_exceeded",
      "exceed_context_size_error",
      "context_window_exceeded",
      "model_context_window_exceeded",
      "contextwindowexceedederror",
      "tokens_limit_reached",
      "request_too_large",
      "prompt_too_long",
      "input_too_long"
    ],
    says: [
      /context[ _-]?(length|window|size|limit)[^]{0,80}(exceed|only|limit|maximum|overflow|reached|full|too )/,
      /(exceed|maximum|larger|longer|greater|too (long|large|big)|fit|beyond|over(flow)?|limit|full)[^]{0,80}context[ _-]?(length|window|size|limit)/,
      /(longer|larger|greater|more|bigger) than (the |your )?(model'?s )?max(imum)? context/,
      /(longer|larger|greater|more|bigger|less|exceed\w{0,20}) (than )?`?(n_ctx|max_?(seq|model)(uence)?_?len)/,
      // A field such as the user's name may be too long as well.
      /\b(messages?(?![\w[\].]{0,60}\.(name|id|tool_call_id)\b)|input|prompt)\b[^]{0,300}string[ _]above[ _]max/,
      /configured context (length|window|size) is/,
      /context (has been |was |is )?(overflow|exceeded|full)/,
      /max(imum)? (allowed )?(prompt|model|input|sequence) (length|tokens)/,
      /(input|prompt|total) token count is .{0,40}\bbut\b/,
      /context (is )?too (long|large)/,
      /token limit (was |is |has been )?(reached|hit)/,
      /(prompt|inputs?|messages?|request|conversation|content|text)( tokens?)? (is |are |was )?too (long|large)\b/,
      /(prompt|input|message)s? .{0,60}exceed\w{0,20} .{0,40}(max|limit|length|tokens)/,
      /(input|prompt|request|total|message)s? ?-?(token|length|size)s?( count)?\b.{0,60}(exceed|greater than|larger than|longer than|above|too long)/,
      // What is left for the answer is less than nothing.
      /max_tokens must be at least 1, got -\d/,
      /(input|prompt)( \(\d{1,9} tokens\))? is too (large to process|(big|large|long) compared)|'messages': array too long/,
      /(number|count) of (input |prompt |total )?tokens .{0,60}(exceed|more than|greater than|cannot exceed|larger than)/,
      /token (limit|count|budget) .{0,20}exceed|exceed\w{0,20} .{0,30}token (limit|count)|tokens? exceed/,
      /exceed\w{0,20} .{0,30}(max\w{0,20}|limit).{0,30}\btokens?\b/,
      /too many (input |prompt |total )?tokens/,
      /tokens in request more than|tokens`? ?\+ ?`?max_(new_)?tokens|`inputs` must have (less|fewer) than/,
      /reduce (the|your) (length|size|prompt|input|message|context)/,
      /(shorten|truncate) (the|your) (prompt|input|message|conversation)|provide a shorter (input|prompt)/,
      /range of input length should be/,
      /messages\[\d+\](?![\w[\].]{0,60}\.(name|id|tool_call_id)\b).{0,40}too long/,
      /(exceed\w{0,20}|fit (in|into|within)|overflows?) (the |its |your )?(model'?s? |available |maximum )?context\b/,
      /at most \d{1,9} tokens in total|\b(prompt|input|total|completion) tokens?\b[^.]{0,60} > ?\d/,
      /request (entity|body) (is )?too large|payload too large/,
      /prompt ?超长|(超过|超出)(了)?(模型)?(最大|上限)|(上下文|输入).{0,8}(超|过长)/
    ],
    unless:
      /(number of|too many|\b\d{1,9}) (images|tools|functions)\b|(image|audio|video|file)s? (size|dimension|exceed)|\b(daily|monthly)\b|per (day|month)/,
    at: [400, 403, 404, 408, 409, 413, 414, 422, 424, 429, "5xx", "stream"],
    advice: shorten
  }
]
