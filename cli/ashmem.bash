# SPDX-License-Identifier: MIT
# bash completion for ashmem(1): verbs, their options, and regions.

_ashmem_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word")
}

_ashmem_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

_ashmem_commands()
{
	mapfile -t COMPREPLY < <(compgen -c -- "$word")
}

# Their ids, which are the first word of each line but the heading.
_ashmem_regions()
{
	local id rest ids=

	while read -r id rest; do
		[ "$id" = ID ] || ids+=" $id"
	done < <("${COMP_WORDS[0]}" ls 2>/dev/null)
	_ashmem_words "$ids"
}

# Does this option have a value, which is the next word?
_ashmem_has_value()
{
	case $verb$1 in
	create-[fns] | run-[fns] | map-p | top-[ds] | watch-n | *-[lo])
		return ;;
	*--file | *--name | *--size | *--png | *--delay | *--sort | *--count | \
	*--length | *--offset)
		return ;;
	esac
	return 1
}

# Counts what is no option before the word, and finds out whether a new region is
# asked for. What follows a program is the program's.
_ashmem_count()
{
	local i

	operands=0 new=
	for ((i = 2; i < COMP_CWORD; i++)); do
		case $operands${COMP_WORDS[i]} in
		0--)	operands=$((COMP_CWORD - i - 1)); return ;;
		0-f* | 0--file* | 0-s* | 0--size*)
			new=yes ;;&
		0-*)	_ashmem_has_value "${COMP_WORDS[i]}" || continue
			[ "${COMP_WORDS[i + 1]}" = = ] && i=$((i + 1))
			i=$((i + 1)) ;;
		*)	case $verb in
			run | create)
				operands=$((COMP_CWORD - i)); return ;;
			esac
			case ${COMP_WORDS[i]} in
			-*)	_ashmem_has_value "${COMP_WORDS[i]}" &&
					i=$((i + 1)) ;;
			*)	operands=$((operands + 1)) ;;
			esac ;;
		esac
	done
}

_ashmem_options()
{
	case $1 in
	ls)		echo --bytes --json ;;
	top)		echo --delay --sort ;;
	map)		echo --json --png ;;
	create | run)	echo --file --name --size ;;
	cat | put)	echo --length --offset ;;
	pin)		echo --force --length --offset ;;
	unpin)		echo --length --offset ;;
	purge)		echo --all --length --offset ;;
	watch)		echo --count --json ;;
	doctor)		echo --json ;;
	*)		return 1 ;;
	esac
	echo --help
}

# What the option before the word is to be given.
_ashmem_value()
{
	case $verb$1 in
	create-f | run-f | map-p | *--file | *--png)
		_ashmem_files ;;
	top-s | top--sort)
		_ashmem_words "id name size resident unpinned purged rate
			holders" ;;
	esac
}

_ashmem_operand()
{
	case $verb$operands$new in
	map0* | cat0* | pin0* | unpin0* | purge0* | put0* | run0)
		_ashmem_regions ;;
	create0* | run0yes | run1)
		_ashmem_commands ;;
	put1 | create* | run*)
		_ashmem_files ;;
	esac
}

_ashmem()
{
	local word=${COMP_WORDS[COMP_CWORD]} before verb=${COMP_WORDS[1]}
	local verbs="ls top map create run cat put pin unpin purge watch doctor"
	local options operands new

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		case $word in
		-*)	_ashmem_words "--help --version" ;;
		*)	_ashmem_words "$verbs" ;;
		esac
		return
	fi
	options=$(_ashmem_options "$verb") || return
	# bash makes three words of --option=value.
	before=${COMP_WORDS[COMP_CWORD - 1]}
	[ "$before" = = ] && before=${COMP_WORDS[COMP_CWORD - 2]}
	[ "$word" = = ] && word=
	_ashmem_count
	case $verb$operands in
	run[1-9]* | create[1-9]*) ;;
	*)
		if _ashmem_has_value "$before"; then
			_ashmem_value "$before"
			return
		fi
		case $word in
		-*)	_ashmem_words "$options"
			return ;;
		esac ;;
	esac
	_ashmem_operand
}

complete -F _ashmem ashmem
