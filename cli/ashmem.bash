# SPDX-License-Identifier: MIT
# bash completion for ashmem(1): verbs, their options, and regions.

_ashmem_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_ashmem_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
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

# Has a region been said already?
_ashmem_has_region()
{
	local word

	for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
		[[ $word =~ ^([pd][0-9]+|[0-9]+/[0-9]+)$ ]] && return
	done
	return 1
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

_ashmem()
{
	local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} options
	local verbs="ls top map create run cat put pin unpin purge watch doctor"

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		case $word in
		-*)	_ashmem_words "--help --version" ;;
		*)	_ashmem_words "$verbs" ;;
		esac
		return
	fi
	options=$(_ashmem_options "$verb") || return
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-f | --file | -p | --png)
		[ "$verb" = pin ] || { _ashmem_files; return; } ;;
	-s | --sort)
		if [ "$verb" = top ]; then
			_ashmem_words "id name size resident unpinned purged
				rate holders"
			return
		fi
		[ "$verb" = create ] || [ "$verb" = run ] && return ;;
	-d | --delay | -n | --name | --count | --size | -l | --length | \
	-o | --offset)
		return ;;
	esac
	case $word in
	-*)
		_ashmem_words "$options"
		return ;;
	esac
	case $verb in
	map | cat | pin | unpin | purge)
		_ashmem_has_region || _ashmem_regions ;;
	put)
		if _ashmem_has_region; then _ashmem_files
		else _ashmem_regions; fi ;;
	run)
		if _ashmem_has_region; then
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
		else
			_ashmem_regions
		fi ;;
	create)
		mapfile -t COMPREPLY < <(compgen -c -- "$word") ;;
	esac
}

complete -F _ashmem ashmem
