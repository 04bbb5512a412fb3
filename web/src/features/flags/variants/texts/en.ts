import { plural } from '@/shared/i18n/plural'

const properties = plural('en', { one: 'property', other: 'properties' })
const items = plural('en', { one: 'item', other: 'items' })
const characters = plural('en', { one: 'character', other: 'characters' })

export const en = {
  // What a value or a schema is held against: the texts of schema/readSchema.ts.
  faults: {
    never: () => 'No value is allowed here.',
    type: (about: string) => `Must be of the type ${about}.`,
    enum: (about: string) => `Must be one of ${about}.`,
    additional: (about: string) => `${about} is not a property of the schema.`,
    required: (about: string) => `${about} is required.`,
    minProperties: (about: string) => `Must have at least ${properties(Number(about))}.`,
    maxProperties: (about: string) => `Must have at most ${properties(Number(about))}.`,
    minItems: (about: string) => `Must have at least ${items(Number(about))}.`,
    maxItems: (about: string) => `Must have at most ${items(Number(about))}.`,
    repeated: () => 'Repeats an earlier item.',
    minLength: (about: string) => `Must have at least ${characters(Number(about))}.`,
    maxLength: (about: string) => `Must have at most ${characters(Number(about))}.`,
    pattern: () => 'Does not match the pattern of the schema.',
    minimum: (about: string) => `Must be at least ${about}.`,
    maximum: (about: string) => `Must be at most ${about}.`,
    above: (about: string) => `Must be greater than ${about}.`,
    below: (about: string) => `Must be less than ${about}.`,
    multipleOf: (about: string) => `Must be a multiple of ${about}.`,
    anyOf: () => 'Matches none of the alternatives of the schema.',
    oneOf: () => 'Must match exactly one of the alternatives of the schema.',
    not: () => 'Matches what the schema excludes.',
    schemaDepth: (about: string) => `Schemas nest at most ${about} deep.`,
    schemaKind: () => 'A schema is an object, true or false.',
    keyword: (about: string) => `The keyword ${about} is not supported.`,
    schemaType: (about: string) => `A type is one of ${about}.`,
    schemaTexts: () => 'This must be a list of texts.',
    schemaObject: () => 'This must be an object.',
    schemaList: () => 'This must be a list with something in it.',
    schemaSwitch: () => 'This must be true or false.',
    schemaCount: () => 'This must be a whole number from zero.',
    schemaNumber: () => 'This must be a number.',
    schemaPattern: (about: string) => `A pattern is a text of at most ${about} characters.`,
    schemaZero: () => 'This must be above zero.',
  },
}

export type Texts = typeof en
