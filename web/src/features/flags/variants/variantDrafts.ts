import type { FlagType, Variant } from '@/shared/api/types'
import type { Messages } from '@/shared/i18n/messages'

/** A variant as it is being typed: its value is text until it is saved. */
export type VariantDraft = { id: string; key: string; name: string; description: string; text: string }

const variantKey = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

export function newDraft(key: string, text: string, name = '', description = ''): VariantDraft {
  return { id: crypto.randomUUID(), key, name, description, text }
}

/** What a new flag of a type starts with. */
export function startingDrafts(type: FlagType): VariantDraft[] {
  switch (type) {
    case 'boolean':
      return [newDraft('on', 'true'), newDraft('off', 'false')]
    case 'string':
      return [newDraft('control', 'control'), newDraft('treatment', 'treatment')]
    case 'number':
      return [newDraft('low', '10'), newDraft('high', '100')]
    case 'json':
      return [newDraft('control', '{}'), newDraft('treatment', '{\n  "enabled": true\n}')]
  }
}

export function toDrafts(variants: Variant[], type: FlagType): VariantDraft[] {
  return variants.map(({ key, name, description, value }) => ({
    // The same for the same variant every time, so that drafts can be compared.
    id: `saved ${key}`,
    key,
    name,
    description,
    text: type === 'string' ? String(value) : JSON.stringify(value, null, type === 'json' ? 2 : 0),
  }))
}

/** What is wrong with the typed value of a variant, or null. */
export function valueError(type: FlagType, text: string, m: Messages): string | null {
  if (type === 'number') {
    // JSON's own grammar: no "0x10", no "Infinity", no empty text.
    return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text.trim()) && Number.isFinite(Number(text))
      ? null
      : m.variants.valueNotNumber
  }
  if (type === 'json') {
    try {
      JSON.parse(text)
    } catch (error) {
      return m.variants.valueNotJson(error instanceof Error ? error.message : '')
    }
  }
  return null
}

export function keyError(draft: VariantDraft, all: VariantDraft[], m: Messages): string | null {
  if (!variantKey.test(draft.key)) {
    return m.variants.keyInvalid
  }
  return all.some((other) => other.id !== draft.id && other.key === draft.key) ? m.variants.duplicate : null
}

export function areValid(drafts: VariantDraft[], type: FlagType, m: Messages): boolean {
  return (
    drafts.length >= 2 &&
    drafts.every((draft) => keyError(draft, drafts, m) === null && valueError(type, draft.text, m) === null)
  )
}

/** The variants as the server takes them. Only for drafts that are valid. */
export function fromDrafts(drafts: VariantDraft[], type: FlagType): Variant[] {
  return drafts.map(({ key, name, description, text }) => ({
    key,
    name,
    description,
    value: type === 'string' ? text : JSON.parse(text.trim()),
  }))
}
