import { Injectable, NotFoundException } from '@nestjs/common';
import { PrismaService } from '../prisma.service';
import type { NewEntryDto } from './new-entry.dto';

export interface PublicEntry {
  id: number;
  name: string;
  message: string;
  createdAt: Date;
}

const publicFields = { id: true, name: true, message: true, createdAt: true } as const;

@Injectable()
export class EntriesService {
  constructor(private readonly prisma: PrismaService) {}

  /** The newest hundred entries that are not hidden. */
  list(): Promise<PublicEntry[]> {
    return this.prisma.entry.findMany({
      where: { hiddenAt: null },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: 100,
      select: publicFields,
    });
  }

  add({ name, message }: NewEntryDto): Promise<PublicEntry> {
    return this.prisma.entry.create({ data: { name, message }, select: publicFields });
  }

  /** Hides an entry. It stays in the table, so that a mistake can be undone there. */
  async hide(id: number): Promise<void> {
    const { count } = await this.prisma.entry.updateMany({ where: { id, hiddenAt: null }, data: { hiddenAt: new Date() } });
    if (count === 0) throw new NotFoundException(`No visible entry has the number ${id}`);
  }
}
