import type { Messages } from './texts/messages'

/** An action as a phrase with `{what}` where the name of the thing belongs: `switched {what} on`. */
export function actionPhrase(action: string, m: Pick<Messages, 'audit' | 'auditPhrases' | 'auditThings'>): string {
  const known = (m.auditPhrases as Record<string, string>)[action.replace('.', '_')]
  if (known !== undefined) {
    return known
  }
  const [entity = '', verb = ''] = action.split('.')
  const what = (m.auditThings as Record<string, string>)[entity] ?? entity.replaceAll('_', ' ')
  return m.audit.unknownAction(verb.replaceAll('_', ' '), what)
}

/** The parts of a phrase before and after the name of the thing. */
export function phraseParts(action: string, m: Pick<Messages, 'audit' | 'auditPhrases' | 'auditThings'>): [string, string] {
  const [before = '', after = ''] = actionPhrase(action, m).split('{what}')
  return [before, after]
}

/** Where in the changed row something is: `environments › prod › enabled`, without the name of the thing that the entry is about. */
export function changePath(path: string, entity: string, entityKey: string): string {
  for (const own of [`${entity}s/${entityKey}/`, `${entity.replace(/y$/, 'ie')}s/${entityKey}/`]) {
    if (path.startsWith(own)) {
      return path.slice(own.length).replaceAll('/', ' › ')
    }
  }
  return path.replaceAll('/', ' › ')
}

/** A value of a document as people read it. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value || '""' : JSON.stringify(value, null, 2)
}
