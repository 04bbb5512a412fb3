import { plural } from '@/shared/i18n/plural'
import type { Texts } from './en'

const properties = plural('ru', { one: 'свойства', few: 'свойств', many: 'свойств', other: 'свойства' })
const items = plural('ru', { one: 'элемента', few: 'элементов', many: 'элементов', other: 'элемента' })
const characters = plural('ru', { one: 'символа', few: 'символов', many: 'символов', other: 'символа' })

export const ru: Texts = {
  faults: {
    never: () => 'Здесь не может быть никакого значения.',
    type: (about) => `Нужен тип ${about}.`,
    enum: (about) => `Нужно одно из: ${about}.`,
    additional: (about) => `В схеме нет свойства ${about}.`,
    required: (about) => `Не хватает обязательного ${about}.`,
    minProperties: (about) => `Нужно не меньше ${properties(Number(about))}.`,
    maxProperties: (about) => `Нужно не больше ${properties(Number(about))}.`,
    minItems: (about) => `Нужно не меньше ${items(Number(about))}.`,
    maxItems: (about) => `Нужно не больше ${items(Number(about))}.`,
    repeated: () => 'Повторяет предыдущий элемент.',
    minLength: (about) => `Нужно не меньше ${characters(Number(about))}.`,
    maxLength: (about) => `Нужно не больше ${characters(Number(about))}.`,
    pattern: () => 'Не подходит под шаблон схемы.',
    minimum: (about) => `Нужно не меньше ${about}.`,
    maximum: (about) => `Нужно не больше ${about}.`,
    above: (about) => `Нужно больше ${about}.`,
    below: (about) => `Нужно меньше ${about}.`,
    multipleOf: (about) => `Нужно кратное ${about}.`,
    anyOf: () => 'Не подходит ни под один из вариантов схемы.',
    oneOf: () => 'Должно подходить ровно под один из вариантов схемы.',
    not: () => 'Подходит под то, что схема исключает.',
    schemaDepth: (about) => `Вложенность схем — не больше ${about}.`,
    schemaKind: () => 'Схема — это объект, true или false.',
    keyword: (about) => `Ключевое слово ${about} не поддерживается.`,
    schemaType: (about) => `Тип — одно из: ${about}.`,
    schemaTexts: () => 'Здесь нужен список строк.',
    schemaObject: () => 'Здесь нужен объект.',
    schemaList: () => 'Здесь нужен непустой список.',
    schemaSwitch: () => 'Здесь нужно true или false.',
    schemaCount: () => 'Здесь нужно целое число от нуля.',
    schemaNumber: () => 'Здесь нужно число.',
    schemaPattern: (about) => `Шаблон — строка не длиннее ${about} символов.`,
    schemaZero: () => 'Здесь нужно число больше нуля.',
  },
}
