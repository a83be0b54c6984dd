/**
 * The plain form: no form at all.
 */
import type * as Adapter from "../Adapter.ts"
import { chatScanner } from "../chat/again.ts"
import { jsonScanner } from "../json/scanner.ts"
import { xmlScanner } from "../xml/scanner.ts"
import { plainBeside } from "./beside.ts"

/** A conversation that begins plainly may go on in any form. */
export const plain: Adapter.Adapter = plainBeside([chatScanner, jsonScanner, xmlScanner])
