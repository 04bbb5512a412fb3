import { useMantineColorScheme } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useToggleWithConfirmation } from '@/features/flags/useToggleWithConfirmation'
import { showDone, showError } from '@/shared/components/feedback'
import type { FlagItem } from '@/shared/flags/flagList'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import type { Deed } from './entries'
import Palette from './Palette'
import { noteRecent } from './recent'

const KillDialog = lazy(() => import('@/features/flags/page/KillDialog').then((module) => ({ default: module.KillDialog })))

type Props = { scope: Scope; opened: boolean; onClose: () => void; onShortcuts: () => void }

/** The palette and what its rows do. Switching and killing ask exactly as the pages do. */
export default function PaletteHost({ scope, opened, onClose, onShortcuts }: Props) {
  const m = useMessages()
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const toggle = useToggleWithConfirmation(scope)
  const { choose } = useEnvironments()
  const inProject = useParams({ strict: false }).project !== undefined
  const [killing, setKilling] = useState<FlagItem | null>(null)

  const perform = (deed: Deed) => {
    onClose()
    switch (deed.kind) {
      case 'page':
        return void navigate({ to: deed.to, params: deed.params, search: deed.search ?? {} } as never)
      case 'open':
        noteRecent(scope.org, scope.project, deed.item)
        return void (deed.item.kind === 'flag'
          ? navigate({ to: '/p/$org/$project/flags/$flag', params: { ...scope, flag: deed.item.key } })
          : navigate({ to: '/p/$org/$project/segments/$segment', params: { ...scope, segment: deed.item.key } }))
      case 'environment':
        return inProject ? choose(deed.key) : void navigate({ to: '/p/$org/$project/flags', params: scope, search: { env: deed.key } } as never)
      case 'toggle':
        return void toggle(deed.flag, deed.environment, deed.enabled)
      case 'kill':
        return setKilling(deed.flag)
      case 'copy':
        return void navigator.clipboard.writeText(deed.text).then(
          () => showDone(m.common.copied, m),
          (error: unknown) => showError(m.errors.title, error, m),
        )
      case 'theme':
        return setColorScheme(deed.scheme)
      case 'shortcuts':
        return onShortcuts()
    }
  }

  return (
    <>
      {opened && <Palette scope={scope} onClose={onClose} onDo={perform} />}
      <Suspense>
        {killing !== null && <KillDialog scope={scope} flag={killing} current={undefined} onClose={() => setKilling(null)} />}
      </Suspense>
    </>
  )
}
