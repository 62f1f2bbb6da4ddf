import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import css from "./Tabs.module.css";

export type TabItem<T extends string> = { value: T; label: string; mark?: ReactNode; content: ReactNode };

type TabsProps<T extends string> = { label: string; value: T; onValue: (value: T) => void; items: readonly TabItem<T>[]; fill?: boolean };

/** Views of one thing. Only the shown one exists, so hidden ones cost nothing. */
export function Tabs<T extends string>({ label, value, onValue, items, fill = false }: TabsProps<T>) {
  return (
    <Base.Root value={value} onValueChange={(next) => onValue(next as T)} className={`${css.root} ${fill ? css.fill : ""}`}>
      <Base.List aria-label={label} className={css.list} activateOnFocus>
        {items.map((item) => (
          <Base.Tab key={item.value} value={item.value} className={css.tab}>{item.label}{item.mark}</Base.Tab>
        ))}
      </Base.List>
      {items.map((item) => (
        <Base.Panel key={item.value} value={item.value} className={css.panel}>{item.content}</Base.Panel>
      ))}
    </Base.Root>
  );
}
