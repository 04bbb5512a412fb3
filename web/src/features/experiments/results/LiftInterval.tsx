import { placeOf, type Outcome, type Range } from './format'
import classes from './Results.module.css'

/** A lift and its interval on a scale that all rows share. It repeats what stands beside it in words, so it is hidden from screen readers. */
export function LiftInterval({ range: { estimate, lower, upper }, scale, outcome, margin }: { range: Range; scale: number; outcome: Outcome; margin?: number | null }) {
  if (estimate === null || !Number.isFinite(estimate)) {
    return null
  }
  const place = (value: number) => placeOf(value, scale)
  const hasInterval = lower !== null && upper !== null
  return (
    <div className={classes.lift} data-outcome={outcome} aria-hidden>
      <i className={classes.zero} />
      {margin != null && <i className={classes.margin} style={{ left: `${place(margin)}%` }} />}
      {hasInterval && <i className={classes.range} style={{ left: `${place(lower)}%`, width: `${place(upper) - place(lower)}%` }} />}
      <i className={classes.estimate} data-bare={!hasInterval || undefined} style={{ left: `${place(estimate)}%` }} />
    </div>
  )
}
