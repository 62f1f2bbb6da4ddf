import type { Choices, Findings, Price, PriceLine } from "../../host/index.ts";
import { Notice } from "../../ui/bits.tsx";
import { dollars } from "../../ui/words.ts";
import { RefreshPrices } from "./RefreshPrices.tsx";
import css from "./views.module.css";

/** Every line of the bill, for hardly any traffic and for the traffic that the price table states. */
export function PriceView({ price, findings, choices }: { price: Price; findings: Findings; choices: Choices }) {
  const { traffic } = price;
  const busy = (id: string, idle: number) => traffic?.lines.find((l) => l.id === id)?.monthly ?? idle;
  const highest = Math.max(...price.lines.map((l) => busy(l.id, l.monthly)), 0.01);
  const width = (amount: number) => `${(Math.max(0, amount) / highest) * 100}%`;
  return (
    <div className={css.view}>
      <RefreshPrices key={price.region} price={price} findings={findings} choices={choices} />
      {price.confirmed ? null : <Notice tone="warn" title={`Not every price was confirmed for ${price.region}.`}><p>Each line names where its price was read. Expect a difference of a few percent.</p></Notice>}
      <table className={css.price}>
        <caption className="visually-hidden">Monthly price by line in USD, in {price.region}</caption>
        <thead><tr><th scope="col">What, in USD a month</th><th scope="col"><span className="visually-hidden">Share</span></th><th scope="col" className={css.amount}>Little traffic</th>{traffic ? <th scope="col" className={css.amount}>Busy</th> : null}</tr></thead>
        <tbody>
          {price.lines.map((line) => (
            <tr key={line.id}>
              <th scope="row"><span className={css.lineLabel}>{line.label}</span><span className={css.formula}>{line.formula}</span><span className={css.source}>{line.source} · {origin(line)}</span></th>
              <td className={css.barCell}><span className={css.bars}><span className={css.barBusy} style={{ width: width(busy(line.id, line.monthly)) }} /><span className={css.bar} style={{ width: width(Math.max(line.monthly, highest * 0.005)) }} /></span></td>
              <td className={css.amount}>{dollars(line.monthly)}</td>
              {traffic ? <td className={`${css.amount} ${css.amountBusy}`}>{dollars(busy(line.id, line.monthly))}</td> : null}
            </tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row" colSpan={2}>Total, without tax</th><td className={css.amount}>{dollars(price.total)}</td>{traffic ? <td className={css.amount}>{dollars(traffic.total)}</td> : null}</tr></tfoot>
      </table>
      <p className={css.note}><strong>Little traffic:</strong> {price.assumptions}</p>
      {traffic ? <p className={css.note}><strong>Busy:</strong> {traffic.assumptions}</p> : null}
    </div>
  );
}

/** Whether the prices of a line are bundled or told by AWS, and of which day. */
function origin({ fresh, bundled }: PriceLine): string {
  if (fresh && bundled) return `in part fresh (${fresh}), in part bundled (${bundled})`;
  if (fresh) return `fresh (${fresh})`;
  return bundled ? `bundled (${bundled})` : "no price needed";
}
