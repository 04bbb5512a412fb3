import { expect, it } from 'vitest'
import { startOfDay } from '../src/shared/audit/search'
import { actionPhrase, changePath, phraseParts } from '../src/shared/audit/sentence'
import { en } from '../src/shared/audit/texts/en'
import { ru } from '../src/shared/audit/texts/ru'

it('An action reads as a sentence around the name of the thing', () => {
  expect(phraseParts('flag.enabled', en)).toEqual(['switched ', ' on'])
  expect(phraseParts('flag.enabled', ru)).toEqual(['включает ', ''])
})

it('An action that the pages do not know is named all the same', () => {
  expect(actionPhrase('flag.taught_to_fly', en)).toBe('taught to fly: flag {what}')
})

it('Every phrase has exactly one place for the thing', () => {
  for (const phrase of [...Object.values(en.auditPhrases), ...Object.values(ru.auditPhrases)]) {
    expect(phrase.split('{what}').length, phrase).toBe(2)
  }
})

it('The way to a change does not repeat what the entry is about', () => {
  expect(changePath('flags/checkout/environments/prod/enabled', 'flag', 'checkout')).toBe('environments › prod › enabled')
  expect(changePath('categories/x/name', 'category', 'x')).toBe('name')
  expect(changePath('flags/other/name', 'flag', 'checkout')).toBe('flags › other › name')
})

it('A day of the address that is none is ignored', () => {
  expect(startOfDay('2026-02-30x')).toBeUndefined()
  expect(startOfDay(undefined)).toBeUndefined()
  expect(startOfDay('2026-02-03')).toMatch(/^2026-02-0[234]T/)
})
