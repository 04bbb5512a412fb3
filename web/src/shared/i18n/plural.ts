type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** A function that picks the form of a word for a number: `plural('en', { one: 'flag', other: 'flags' })(3)` is `3 flags`. */
export function plural(language: string, forms: Forms) {
  const rules = new Intl.PluralRules(language)
  const numbers = new Intl.NumberFormat(language)
  return (count: number) => `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other}`
}
