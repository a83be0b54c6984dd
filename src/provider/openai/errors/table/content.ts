/**
 * What a filter has refused.
 */
import type { Row } from "./row.ts"

export const content: ReadonlyArray<Row> = [
  {
    reason: "ContentFiltered",
    status: [451],
    kinds: [
      "content_filter",
      "content_filtered",
      "content_filter_error",
      "content_policy_violation",
      "contentpolicyviolationerror",
      "content_blocked",
      "moderation_blocked",
      "responsibleaipolicyviolation",
      "data_inspection_failed",
      "prohibited_content",
      "safety",
      "blocklist",
      "sensitive",
      "input_moderation",
      "output_moderation",
      "inappropriate_content"
    ],
    says: [
      /content[ _-]?(management )?polic(y|ies)/,
      /contentpolicyviolation|responsibleaipolicyviolation|prohibited[ _]content/,
      /content (filter|exists risk|safety)|content was (filtered|blocked|flagged)/,
      /data.?inspection|inappropriate content|considered high risk/,
      /(?<!case[ -])(?<!non-)\bsensitive\b|\w_sensitive\b/,
      /(blocked|filtered|rejected|refused|stopped) .{0,60}(safety|filter|moderation|guardrail)/,
      /(safety|moderation|guardrail)\w{0,20} .{0,60}(blocked|filtered|rejected|violat|triggered|flagged|interven)/,
      /violat\w{0,20} .{0,40}(usage|safety|content|acceptable use|terms of)/,
      /trigger\w{0,20} .{0,40}(safety|filter|moderation|guardrail)|(deemed|considered|flagged as) (unsafe|harmful)/,
      /(input|prompt|content|message|response|answer|output|completion)s? (was|were|has been|have been|is) (flagged|blocked)/,
      /request was flagged|input was flagged|"block_?reason":/,
      /(prompt|response) blocked due to security|guardrail checks? .{0,60}failed/,
      /敏感|违规|不合规/
    ],
    at: [400, 403, 406, 422, 424, 446, 451, "5xx", "stream"]
  },
  { reason: "ContentFiltered", says: [/flagged|moderation/], at: [403] }
]
