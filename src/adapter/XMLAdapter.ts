/**
 * The XML adapter: each field is an element, `<name>value</name>`.
 *
 * Fields of kind `text` are written as they are, with entities for `<` and `&`, others as JSON. Inside an element
 * everything is content until its closing tag: entities and CDATA sections are decoded, other tags stay as they are. In a
 * field that is no text, elements are read as lists and objects. A JSON object in place of the elements is read too.
 */
import * as Layer from "effect/Layer"
import type { Adapter } from "./Adapter.ts"
import { CurrentAdapter } from "./CurrentAdapter.ts"
import { xml } from "./xml/form.ts"

// Constructors

/** Makes an XML adapter. */
export const make = (): Adapter => xml

// Layers

/** Predictors use the XML adapter. */
export const layer: Layer.Layer<never> = Layer.succeed(CurrentAdapter, xml)
