import {
  IconArrowRight,
  IconCopy,
  IconFlag3,
  IconFolder,
  IconHistory,
  IconKeyboard,
  IconPlayerPlay,
  IconServer2,
  IconSkull,
  IconSunMoon,
  IconToggleLeft,
  IconToggleRight,
  IconUsersGroup,
} from '@tabler/icons-react'
import type { CSSProperties } from 'react'
import { FlagTypeIcon } from '@/shared/components/FlagTypeIcon'
import type { Entry } from './entries'
import classes from './Palette.module.css'

const icons = {
  flag: IconFlag3,
  segment: IconUsersGroup,
  page: IconArrowRight,
  environment: IconServer2,
  project: IconFolder,
  on: IconToggleRight,
  off: IconToggleLeft,
  kill: IconSkull,
  copy: IconCopy,
  theme: IconSunMoon,
  keyboard: IconKeyboard,
  history: IconHistory,
  evaluate: IconPlayerPlay,
} as const

type Props = { entry: Entry; id: string; selected: boolean; onPoint: () => void; onChoose: () => void }

export function PaletteRow({ entry, id, selected, onPoint, onChoose }: Props) {
  const Icon = icons[entry.icon]
  const keys = entry.section === 'pages' || entry.deed.kind === 'shortcuts'
  return (
    <div
      role="option"
      id={id}
      aria-selected={selected}
      aria-disabled={entry.refused !== undefined || undefined}
      data-critical={entry.critical || undefined}
      data-long={entry.section === 'actions' || undefined}
      className={classes.row}
      style={{ '--row-color': entry.color } as CSSProperties}
      onPointerMove={onPoint}
      onClick={onChoose}
    >
      {entry.flag !== undefined && entry.section !== 'actions' ? (
        <FlagTypeIcon type={entry.flag.type} size={26} />
      ) : (
        <Icon size={20} stroke={1.7} aria-hidden color={entry.color ?? 'var(--mantine-color-dimmed)'} style={{ flex: 'none', margin: '0 3px' }} />
      )}
      <span className={classes.label}>{entry.label}</span>
      {entry.refused !== undefined ? (
        <span className={classes.hint}>{entry.refused}</span>
      ) : (
        entry.hint !== undefined && <span className={`${classes.hint} ${keys || entry.critical ? '' : 'mono'}`} data-whole={entry.critical || undefined}>{entry.hint}</span>
      )}
    </div>
  )
}
