import { Body, Controller, Delete, Get, Headers, HttpCode, Param, ParseIntPipe, Post } from '@nestjs/common';
import { EntriesService, type PublicEntry } from './entries.service';
import { allowModeration } from './moderation';
import { NewEntryDto } from './new-entry.dto';

@Controller('entries')
export class EntriesController {
  constructor(private readonly entries: EntriesService) {}

  @Get()
  list(): Promise<PublicEntry[]> {
    return this.entries.list();
  }

  @Post()
  add(@Body() entry: NewEntryDto): Promise<PublicEntry> {
    return this.entries.add(entry);
  }

  @Delete(':id')
  @HttpCode(204)
  hide(@Param('id', ParseIntPipe) id: number, @Headers('x-moderation-key') key?: string): Promise<void> {
    allowModeration(key);
    return this.entries.hide(id);
  }
}
