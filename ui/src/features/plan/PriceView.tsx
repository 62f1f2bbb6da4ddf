import type { Price } from "../../host/index.ts";
import { Notice } from "../../ui/bits.tsx";
import { dollars } from "../../ui/words.ts";
import css from "./views.module.css";

export function PriceView({ price }: { price: Price }) {
  const highest = Math.max(...price.lines.map((l) => l.monthly), 0.01);
  return (
    <div className={css.view}>
      {price.confirmed ? null : <Notice tone="warn" title={`Not every price was confirmed for ${price.region}.`}><p>Each line names where its price was read. Expect a difference of a few percent.</p></Notice>}
      <table className={css.price}>
        <caption className="visually-hidden">Monthly price by line, in {price.region}</caption>
        <thead><tr><th scope="col">What</th><th scope="col"><span className="visually-hidden">Share</span></th><th scope="col" className={css.amount}>USD a month</th></tr></thead>
        <tbody>
          {price.lines.map((line) => (
            <tr key={line.id}>
              <th scope="row"><span className={css.lineLabel}>{line.label}</span><span className={css.formula}>{line.formula}</span><span className={css.source}>{line.source}</span></th>
              <td className={css.barCell} ><span className={css.bar} style={{ width: `${Math.max(0.5, (line.monthly / highest) * 100)}%` }} /></td>
              <td className={css.amount}>{dollars(line.monthly)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row" colSpan={2}>Total, without tax</th><td className={css.amount}>{dollars(price.total)}</td></tr></tfoot>
      </table>
      <p className={css.note}>{price.assumptions} Price table of {price.date}, {price.region}.</p>
    </div>
  );
}
