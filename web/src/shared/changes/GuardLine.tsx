import { Text } from '@mantine/core'
import { useLanguage } from '../i18n/messages'
import type { Scope } from '../project/scope'
import { en } from './texts/en'
import { ru } from './texts/ru'
import { useGuard } from './useGuard'

/** Says when a change happens: at once, or when somebody has approved it. */
export default function GuardLine({ scope, environment, tags }: { scope: Scope; environment: string; tags: readonly string[] }) {
  const t = useLanguage().language === 'ru' ? ru : en
  const { guarded } = useGuard(scope, environment, tags)
  return (
    <Text size="sm" role="status">
      {guarded ? t.whenApproved : t.atOnce}
    </Text>
  )
}
