import { Text } from '@mantine/core'
import { useState } from 'react'
import { useLanguage, useMessages } from '../i18n/messages'
import { seenText } from './seenText'

/** When something was seen in contexts, beside the option that offers it. */
export function SeenAgo({ at, type }: { at: string | undefined; type?: string | undefined }) {
  const m = useMessages()
  const { language } = useLanguage()
  const [now] = useState(() => Date.now())
  const parts = [type, at === undefined ? undefined : seenText(at, now, language, m)].filter((part) => part !== undefined)
  return parts.length === 0 ? null : (
    <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
      {parts.join(' · ')}
    </Text>
  )
}
