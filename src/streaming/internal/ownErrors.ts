/**
 * The errors of the library that a program may fail of.
 */
import { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import { LMError } from "../../lm/LMError.ts"
import { McpError } from "../../mcp/McpError.ts"
import { InputError } from "../../module/InputError.ts"
import { StateError } from "../../module/StateError.ts"
import { SandboxError } from "../../sandbox/SandboxError.ts"
import { ContentError } from "../../signature/ContentError.ts"
import { SignatureError } from "../../signature/SignatureError.ts"
import { DuplicateToolError } from "../../tool/DuplicateToolError.ts"
import { ToolError } from "../../tool/ToolError.ts"
import { BlockingError } from "../../worker/BlockingError.ts"
import { EventCodecError } from "../EventCodecError.ts"
import { WorkerError } from "../WorkerError.ts"

export const ownErrors = [
  LMError,
  AdapterParseError,
  InputError,
  SignatureError,
  ContentError,
  StateError,
  ToolError,
  McpError,
  BlockingError,
  SandboxError,
  DuplicateToolError,
  WorkerError,
  EventCodecError
] as const

/** Any of them. */
export type OwnError = InstanceType<(typeof ownErrors)[number]>
