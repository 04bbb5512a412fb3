import { Anchor, Badge, Checkbox, Text, Tooltip, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import type { FlagDifference, FlagSide } from '../api/promotion'
import classes from './Compare.module.css'
import { aspects, pairLines } from './differences'
import { useTexts } from '../texts/useTexts'

type Props = {
  scope: Scope
  difference: FlagDifference
  fromProject: string
  from: EnvironmentView
  to: EnvironmentView
  everything: boolean
  selected: boolean | null
  onSelect: (selected: boolean) => void
}

/** A flag that does different things in two environments, with both states side by side when it is opened. */
export function DifferenceRow({ scope, difference, fromProject, from, to, everything, selected, onSelect }: Props) {
  const m = useMessages()
  const t = useTexts()
  const [open, setOpen] = useState(false)
  const Chevron = open ? IconChevronDown : IconChevronRight
  const { flag, name, differences, touched, ofAnotherType } = difference
  const isNew = difference.to === null
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        {selected === null ? (
          <span />
        ) : (
          <Checkbox aria-label={t.compare.select(flag)} checked={selected} onChange={(event) => onSelect(event.currentTarget.checked)} />
        )}
        <UnstyledButton className={classes.title} aria-expanded={open} onClick={() => setOpen(!open)}>
          <Chevron size={16} aria-hidden />
          <span style={{ minWidth: 0 }}>
            <VisuallyHidden>{t.compare.show(flag)}</VisuallyHidden>
            <Text size="sm" fw={600} truncate>
              {name || flag}
            </Text>
            <Text size="xs" c="dimmed" className="mono" truncate>
              {flag}
            </Text>
          </span>
        </UnstyledButton>
        <span className={classes.badges}>
          {isNew ? (
            <Badge size="sm" variant="light" tt="none" color="green">
              {t.compare.isNew}
            </Badge>
          ) : (
            differences.map((aspect) => (
              <Badge key={aspect} size="sm" variant="light" tt="none">
                {t.compare.aspects[aspect]}
              </Badge>
            ))
          )}
          {ofAnotherType && (
            <Tooltip label={t.compare.anotherTypeHint} multiline maw={320}>
              <Badge size="sm" variant="light" color="red" tt="none">
                {t.compare.anotherType}
              </Badge>
            </Tooltip>
          )}
          {touched && (
            <Tooltip label={t.compare.touchedHint(to.name)} multiline maw={320}>
              <Badge size="sm" variant="default" tt="none">
                {t.compare.touched(to.name)}
              </Badge>
            </Tooltip>
          )}
        </span>
      </div>
      {open && (
        <div className={classes.sides}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col" style={{ width: 110 }}>
                  <VisuallyHidden>{t.compare.part}</VisuallyHidden>
                </th>
                <th scope="col">
                  <SideTitle environment={from} side={difference.from} />
                </th>
                <th scope="col">
                  {difference.to === null ? <EnvironmentMark environment={to} /> : <SideTitle environment={to} side={difference.to} />}
                </th>
              </tr>
            </thead>
            <tbody>
              {aspects
                .filter((aspect) => everything || differences.includes(aspect))
                .flatMap((aspect) => {
                  const lines = pairLines(difference, aspect, m)
                  return lines.map((line, index) => (
                    <tr key={`${aspect} ${index}`} data-differs={line.differs || undefined}>
                      {index === 0 && (
                        <th scope="row" rowSpan={lines.length}>
                          {t.compare.aspects[aspect]}
                        </th>
                      )}
                      <td>{line.from ?? <span className={classes.missing}>{t.compare.nothing}</span>}</td>
                      <td>{line.to ?? <span className={classes.missing}>{t.compare.nothing}</span>}</td>
                    </tr>
                  ))
                })}
            </tbody>
          </table>
          <Anchor
            component={Link}
            to="/p/$org/$project/flags/$flag"
            params={{ ...scope, project: isNew ? fromProject : scope.project, flag } as never}
            size="sm"
            mt="xs"
            display="inline-block"
          >
            {m.evaluate.openFlag}
          </Anchor>
        </div>
      )}
    </div>
  )
}

function SideTitle({ environment, side }: { environment: EnvironmentView; side: FlagSide }) {
  const t = useTexts()
  return (
    <>
      <EnvironmentMark environment={environment} />
      <Text size="xs" c="dimmed">
        {side.updatedBy && `${side.updatedBy.name}, `}
        <RelativeTime at={side.updatedAt} />
      </Text>
      {side.killed && (
        <Badge color="red.9" size="sm" mt={4}>
          {t.compare.killed}
        </Badge>
      )}
    </>
  )
}
