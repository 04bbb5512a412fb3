import { SimpleGrid, Text } from '@mantine/core'
import { useLanguage } from '@/shared/i18n/messages'
import type { KeysComparison } from './api/segmentKeys'
import classes from './ChangeKeysDialog.module.css'
import { useTexts } from './texts/useTexts'

/** What an upload would do to a list, in numbers and with some of the keys. */
export function KeysDifference({ comparison }: { comparison: KeysComparison }) {
  const t = useTexts()
  const { language } = useLanguage()
  const { before, after, added, removed, repeated, addedSample, removedSample } = comparison
  const number = (value: number, sign = '') => `${value === 0 ? '' : sign}${value.toLocaleString(language)}`
  return (
    <>
      <dl className={classes.numbers}>
        <div>
          <dt>{t.segmentKeys.now}</dt>
          <dd>{number(before)}</dd>
        </div>
        <div>
          <dt>{t.segmentKeys.added}</dt>
          <dd style={{ color: added > 0 ? 'light-dark(#0b6b54, #63e6be)' : undefined }}>{number(added, '+')}</dd>
        </div>
        <div>
          <dt>{t.segmentKeys.removed}</dt>
          <dd style={{ color: removed > 0 ? 'light-dark(#b42318, #ff8787)' : undefined }}>{number(removed, '−')}</dd>
        </div>
        <div>
          <dt>{t.segmentKeys.after}</dt>
          <dd>{number(after)}</dd>
        </div>
      </dl>
      {added + removed === 0 && <Text size="sm">{t.segmentKeys.nothing}</Text>}
      {repeated > 0 && (
        <Text size="sm" c="dimmed">
          {t.segmentKeys.repeated(repeated)}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, xs: addedSample.length > 0 && removedSample.length > 0 ? 2 : 1 }}>
        <Sample title={t.segmentKeys.addedSample} keys={addedSample} />
        <Sample title={t.segmentKeys.removedSample} keys={removedSample} />
      </SimpleGrid>
    </>
  )
}

function Sample({ title, keys }: { title: string; keys: string[] }) {
  if (keys.length === 0) {
    return null
  }
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      {/* Scrolls where keys are long, so the keyboard must reach it. */}
      <ul className={`${classes.sample} mono`} aria-label={title} tabIndex={0}>
        {keys.map((key) => (
          <li key={key}>{key}</li>
        ))}
      </ul>
    </div>
  )
}
