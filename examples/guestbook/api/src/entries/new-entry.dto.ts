import { Transform } from 'class-transformer';
import { IsString, Length } from 'class-validator';

const trimmed = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? value.trim() : value);

export class NewEntryDto {
  @Transform(trimmed)
  @IsString()
  @Length(1, 60)
  name: string;

  @Transform(trimmed)
  @IsString()
  @Length(1, 500)
  message: string;
}
